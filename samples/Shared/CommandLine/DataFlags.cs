namespace Samples.CommandLine;

/// <summary>How the programs call what the library's options say of reading images, in flags that are the same in all of them.</summary>
internal static class DataFlags
{
    public const string MostErrors = "--max-faults", Extensions = "--extensions", LabelExtensions = "--label-extensions";

    public const string MostErrorsHelp = "share of images that may be unreadable before the program stops, 0 to 1; 10 may always, unless "
        + "it is 0; those left out are counted and named";

    public const string ExtensionsHelp = "how names of images end, such as .jpg,.png; in shards all that follows the first dot, such as "
        + ".input.jpg";

    public const string LabelExtensionsHelp = "the same of labels in shards; those that end with .json are JSON, others a number";

    private static readonly (string Property, string Flag)[] Names =
    [
        ($"{nameof(LoaderOptions)}.{nameof(LoaderOptions.MaximumErrorShare)}", MostErrors),
        ($"{nameof(TarShardsOptions)}.{nameof(TarShardsOptions.Extensions)}", Extensions),
        ($"{nameof(TarShardsOptions)}.{nameof(TarShardsOptions.LabelExtensions)}", LabelExtensions),
        ($"{nameof(ImageFolderOptions)}.{nameof(ImageFolderOptions.Extensions)}", Extensions),
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
    /// <param name="labels">Where a folder's labels come from.</param>
    public static ImageSourcesOptions Reading(
        IReadOnlyList<string>? extensions, IReadOnlyList<string>? labelExtensions, ImageFolderLabels labels = ImageFolderLabels.Auto)
    {
        (ImageFolderOptions folder, TarShardsOptions shards) = (new() { Labels = labels }, new());
        return new ImageSourcesOptions
        {
            Folder = folder with { Extensions = extensions ?? folder.Extensions },
            Shards = shards with
            {
                Extensions = extensions ?? shards.Extensions,
                LabelExtensions = labelExtensions ?? shards.LabelExtensions,
            },
        };
    }

    private static Option<string[]?> EndingsOption(string name, string help) =>
        Endings.Option<string[]?>(name, help, endings => endings);

    /// <summary>Opens the part to be judged by, with the classes of the part to learn from where it is a folder that lacks some of
    /// them.</summary>
    public static IImageSet OpenTest(string path, IImageSet train, ImageSourcesOptions options)
    {
        IImageSet test = ImageSources.Open(path, ImageSplit.Test, options);
        if (test is not ImageFolder || test.Classes.Count is 0 || test.Classes.Count >= train.Classes.Count) return test;
        if (test.Classes.Except(train.Classes).Any()) return test;
        return ImageSources.Open(path, ImageSplit.Test, options with { Folder = options.Folder! with { Classes = train.Classes } });
    }
}
