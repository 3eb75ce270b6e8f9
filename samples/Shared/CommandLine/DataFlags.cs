namespace Samples.CommandLine;

/// <summary>How the programs call what the library's options say of reading images, in flags that are the same in all of them.</summary>
internal static class DataFlags
{
    public const string MostErrors = "--max-errors", Extensions = "--extensions", LabelExtensions = "--label-extensions",
        LabelColumn = "--label-column", Fraction = "--fraction";

    public const string MostErrorsHelp = "share of images that may be unreadable before the program stops, 0 to 1; 10 may always, unless "
        + "it is 0; those left out are counted and named";

    public const string ExtensionsHelp = "how names of images end, such as .jpg,.png; in shards all that follows the first dot, such as "
        + ".input.jpg";

    public const string LabelExtensionsHelp = "the same of labels in shards; those that end with .json are JSON, others a number";

    public const string DecodeScaleHelp = "auto: decode JPEGs of many more pixels than views have in a half, a quarter or an eighth of "
        + "their size; faster, and a third of a grey level off on average";

    public const string LabelColumnHelp = "the column of labels in Parquet files";

    public const string FractionHelp = "take a share of --data, above 0 to 1: the same share of each class, the same images on every run, "
        + "those of a smaller share among them";

    public const string FractionSeedHelp = "draw other images for --fraction";

    private static readonly (string Property, string Flag)[] Names =
    [
        ($"{nameof(LoaderOptions)}.{nameof(LoaderOptions.MaximumErrorShare)}", MostErrors),
        ($"{nameof(SourceOptions)}.{nameof(SourceOptions.Extensions)}", Extensions),
        ($"{nameof(SourceOptions)}.{nameof(SourceOptions.LabelExtensions)}", LabelExtensions),
        ($"{nameof(SourceOptions)}.{nameof(SourceOptions.LabelColumn)}", LabelColumn),
    ];

    /// <summary>Endings with commas between.</summary>
    public static ValueKind<string[]> Endings { get; } = new(".E,.E", text =>
    {
        string[] endings = text.ToLowerInvariant().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        return endings.Length > 0 && Array.TrueForAll(endings, ending => ending is ['.', _, ..]) ? endings
            : throw new FormatException("endings with their dots and commas between, such as .jpg,.png");
    });

    /// <summary>The option of how many images may be unreadable.</summary>
    public static Option<double> MostErrorsOption() =>
        Values.Number(0, 1).Option(MostErrors, MostErrorsHelp).Or(new LoaderOptions().MaximumErrorShare);

    /// <summary>The option of how names of images end.</summary>
    public static Option<string[]?> ExtensionsOption() => EndingsOption(Extensions, ExtensionsHelp);

    /// <summary>The option of how names of labels end.</summary>
    public static Option<string[]?> LabelExtensionsOption() => EndingsOption(LabelExtensions, LabelExtensionsHelp);

    /// <summary>A message of the library with the flags in the places of its properties.</summary>
    public static string InFlags(string message) =>
        Names.Aggregate(message, (text, name) => text.Replace(name.Property, name.Flag, StringComparison.Ordinal));

    /// <summary>How data is read.</summary>
    /// <param name="extensions">How names of images end; null: as is usual.</param>
    /// <param name="labelExtensions">How names of labels in shards end; null: as is usual.</param>
    public static SourceOptions Reading(IReadOnlyList<string>? extensions, IReadOnlyList<string>? labelExtensions = null)
    {
        SourceOptions usual = new();
        return new()
        {
            Extensions = extensions ?? usual.Extensions,
            LabelExtensions = labelExtensions ?? usual.LabelExtensions,
        };
    }

    private static Option<string[]?> EndingsOption(string name, string help) =>
        Endings.Option<string[]?>(name, help, endings => endings);

    /// <summary>A share of the images to learn from.</summary>
    /// <exception cref="UsageException">A stream, of which no images can be chosen.</exception>
    public static IImageSet Share(IImageSet all, double fraction, long seed) =>
        fraction == 1 ? all
        : all is IImageSource source ? source.Share(fraction, seed)
        : throw new UsageException($"{all.Name} is a stream, of which no images can be chosen by {Fraction}; expected other data.");

    /// <summary>How many images there are.</summary>
    public static long Count(IImageSet set) => set is IImageSource source ? source.Count : ((IImageStream)set).Count;

    /// <summary>At most so many, spread evenly: those of a folder lie class by class.</summary>
    /// <exception cref="UsageException">A stream of more, of which none can be left out.</exception>
    public static IImageSet Spread(IImageSet all, int most) =>
        Count(all) <= most ? all
        : all is IImageSource source ? source.Spread(most)
        : throw new UsageException(
            $"{all.Name} is a stream, of which no images can be chosen; expected one of fewer images, or other data.");

    /// <summary>Opens the part to be judged by, with the classes of the part to learn from where it names some of them, or all in another
    /// order.</summary>
    public static IImageSet OpenTest(IReadOnlyList<string> paths, IImageSet train, SourceOptions options)
    {
        IImageSet test = ImageSources.Open(paths, test: true, options);
        if (test is IImageStream || test.Classes.Count == 0) return test;
        if (test.Classes.SequenceEqual(train.Classes) || test.Classes.Except(train.Classes).Any()) return test;
        return ImageSources.Open(paths, test: true, options with { Classes = train.Classes });
    }
}
