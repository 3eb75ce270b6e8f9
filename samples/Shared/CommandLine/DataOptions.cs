namespace Samples.CommandLine;

/// <summary>The options that name images and say how they are read.</summary>
/// <param name="help">What the images are for.</param>
internal sealed class DataOptions(string help)
{
    private readonly Option<string[]> data = Values.Words("DATA").Option("--data", help + "; several times: together");
    private readonly Option<string[]?> extensions = DataFlags.ExtensionsOption(), labelExtensions = DataFlags.LabelExtensionsOption();
    private readonly Option<string> labelColumn = Values.Word("NAME").Option(
        DataFlags.LabelColumn, DataFlags.LabelColumnHelp + " [default: as the files say or its name]");
    private readonly Option<double> fraction = Numbers.Real(DataFlags.Fraction, DataFlags.FractionHelp, 1, 0, 1);
    private readonly Option<long> fractionSeed = Values.Whole<long>().Option("--fraction-seed", DataFlags.FractionSeedHelp).Or(0);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All
    {
        get
        {
            data.Required = true;
            return [data, extensions, labelExtensions, labelColumn, fraction, fractionSeed];
        }
    }

    /// <summary>What was named.</summary>
    public string[] Paths(ParseResult parsed) => parsed.GetRequiredValue(data);

    /// <summary>How it is read.</summary>
    public ImageSourcesOptions Reading(ParseResult parsed) =>
        DataFlags.Reading(
        parsed.Given(extensions), parsed.Given(labelExtensions), labelColumn: parsed.GetValue(labelColumn));

    /// <summary>Opens what was named, or its part to learn from, or a share of it.</summary>
    public IImageSet Open(ParseResult parsed) => DataFlags.Share(
        ImageSources.Open(Paths(parsed), options: Reading(parsed)), parsed.GetValue(fraction), parsed.GetValue(fractionSeed));
}
