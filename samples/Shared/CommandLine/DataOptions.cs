namespace Samples.CommandLine;

/// <summary>The options that name images and say how they are read.</summary>
/// <param name="help">What the images are for.</param>
/// <param name="isRequired">Whether a command line without images is wrong.</param>
internal sealed class DataOptions(string help, bool isRequired = true)
{
    private readonly Option<string[]?> extensions = DataFlags.ExtensionsOption(), labelExtensions = DataFlags.LabelExtensionsOption();
    private readonly Option<string> labelColumn = Values.Word("NAME").Option(
        DataFlags.LabelColumn, DataFlags.LabelColumnHelp + " [default: as the files say or its name]");
    private readonly Option<double> fraction = Numbers.Real(DataFlags.Fraction, DataFlags.FractionHelp, 1, 0, 1);
    private readonly Option<long> fractionSeed = Values.Whole<long>().Option("--fraction-seed", DataFlags.FractionSeedHelp).Or(0);

    /// <summary>The one that names images.</summary>
    public Option<string[]> Data { get; } = Named(help, isRequired);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Data, extensions, labelExtensions, labelColumn, fraction, fractionSeed];

    /// <summary>What was named.</summary>
    public string[] Paths(ParseResult parsed) => parsed.GetRequiredValue(Data);

    /// <summary>How it is read.</summary>
    public SourceOptions Reading(ParseResult parsed) =>
        DataFlags.Reading(parsed.Given(extensions), parsed.Given(labelExtensions)) with { LabelColumn = parsed.GetValue(labelColumn) };

    /// <summary>Opens what was named, or its part to learn from, or a share of it.</summary>
    /// <exception cref="UsageException">The seed of a share is given, and no share.</exception>
    public IImageSet Open(ParseResult parsed)
    {
        double share = parsed.GetValue(fraction);
        UsageException.ThrowIf(
            share == 1 && parsed.IsGiven(fractionSeed), $"{fractionSeed.Name} has no effect without {fraction.Name} below 1.");
        return DataFlags.Share(ImageSources.Open(Paths(parsed), options: Reading(parsed)), share, parsed.GetValue(fractionSeed));
    }

    private static Option<string[]> Named(string help, bool isRequired)
    {
        Option<string[]> data = Values.Words("DATA").Option("--data", help + "; several times: together");
        data.Required = isRequired;
        return data;
    }
}
