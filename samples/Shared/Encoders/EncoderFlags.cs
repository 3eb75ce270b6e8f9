namespace Samples.Encoders;

/// <summary>The options that say how an encoder looks at images.</summary>
internal sealed class EncoderFlags
{
    private static readonly Dictionary<string, Stem> Stems
        = new() { ["imagenet"] = Stem.ImageNet, ["small"] = Stem.SmallImage, ["small-stride2"] = Stem.SmallImageStride2 };

    private static readonly Dictionary<string, Normalize> Normalizations = new()
    {
        ["imagenet"] = Normalize.ImageNet,
        ["cifar10"] = Normalize.Cifar10,
        ["mnist"] = Normalize.Mnist,
        ["fashion-mnist"] = Normalize.FashionMnist,
        ["half"] = Normalize.HalfRange,
        ["unit"] = Normalize.UnitRange,
    };

    private readonly Option<bool> embedding
        = new("--embedding") { Description = "take the projection head's output instead of the backbone's features" };
    private readonly Option<string?> stem = Among(
        "--stem",
        "the first layers, where a file leaves them open: a 3×3 convolution of stride 1 (small) or 2 (small-stride2), or imagenet",
        Stems.Keys);
    private readonly Option<int?> size = Numbers.WholeOrAuto(
        "--size",
        "width and height of a view [default: as in training where the run's folder says it, else 224, or for encoders of small "
            + "images 32, grey 28]", 8, 1024);
    private readonly Option<string?> normalize = Among(
        "--normalize",
        "pixel statistics: imagenet, cifar10, mnist, fashion-mnist, half (mean and deviation ½) or unit (0 … 1) [default: as in "
            + "training where the run's folder says it, else imagenet, cifar10 up to 64 pixels, half for grey]", Normalizations.Keys);
    private readonly Option<int> batch = Numbers.Whole("--batch", "images that go through the encoder at a time", 256, 1, 65_536);
    private readonly Option<int?> workers = Numbers.WholeOrAuto(
        "--workers", "threads that read images [default: all processors but one]", 1, 1024);
    private readonly Option<double> faults = Values.Number(0, 1).Option(DataFlags.MostErrors, DataFlags.MostErrorsHelp);
    private readonly Option<string> device = Devices.Name.Option("--device", "cpu, cuda or cuda:N");

    public EncoderFlags()
    {
        device.DefaultValueFactory = _ => "cpu";
        faults.DefaultValueFactory = _ => new LoaderOptions().MaximumErrorShare;
    }

    /// <summary>Names the encoder's file.</summary>
    public static Argument<string> File(
        string name = "encoder", string description = "any file of a ResNet's weights, or a run's folder") =>
        new(name) { Description = description, HelpName = name.ToUpperInvariant() };

    /// <summary>Lets a command take these options.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { embedding, size, normalize, stem, faults, batch, workers, device }) command.Add(option);
    }

    /// <summary>Lets a command take only the options that change nothing but the time.</summary>
    public void AddMachineTo(Command command)
    {
        foreach (Option option in new Option[] { batch, workers, device }) command.Add(option);
    }

    /// <summary>Lets a command take only the options that count for a file's network.</summary>
    public void AddStemTo(Command command) => command.Add(stem);

    /// <summary>What was said of the first layers; null: nothing.</summary>
    public Stem? ReadStem(ParseResult parsed) => parsed.GetValue(stem) is { } name ? Stems[name] : null;

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">There is no such device.</exception>
    public EncoderChoice Read(ParseResult parsed, string path) => new(WeightPath.Of(path))
    {
        Embedding = parsed.GetValue(embedding),
        Stem = ReadStem(parsed),
        Size = parsed.GetValue(size),
        Normalization = parsed.GetValue(normalize) is { } name ? Normalizations[name] : null,
        MaximumErrorShare = parsed.GetValue(faults),
        BatchSize = parsed.GetValue(batch),
        Workers = parsed.GetValue(workers) ?? new LoaderOptions().Workers,
        Device = Devices.Open(parsed.GetRequiredValue(device)),
    };

    /// <summary>An option that takes some words.</summary>
    public static Option<string?> Among(string name, string description, IEnumerable<string> words)
    {
        Option<string?> option = new(name) { Description = description };
        option.AcceptOnlyFromAmong([.. words]);
        return option;
    }
}
