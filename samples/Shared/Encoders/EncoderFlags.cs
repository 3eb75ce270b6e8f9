using MoCo.Distributed;

namespace Samples.Encoders;

/// <summary>The options that say how an encoder looks at images.</summary>
internal sealed class EncoderFlags
{
    private readonly Option<bool> head
        = new("--embedding") { Description = "take the projection head's output instead of the backbone's features" };
    private readonly Option<int?> size = Numbers.WholeOrAuto(
        "--size",
        "width and height of a view [default: as in training where the run's folder says it, else 224, or for encoders of small "
            + "images 32, grey 28]", 8, 1024);
    private readonly Option<Normalize?> normalize = Values.OneOf<Normalize?>(new()
    {
        ["imagenet"] = Normalize.ImageNet,
        ["cifar10"] = Normalize.Cifar10,
        ["mnist"] = Normalize.Mnist,
        ["fashion-mnist"] = Normalize.FashionMnist,
        ["half"] = Normalize.HalfRange,
        ["unit"] = Normalize.UnitRange,
    }).Option(
        "--normalize",
        "pixel statistics; half: mean and deviation ½, unit: 0 … 1 [default: as in training where the run's folder says it, else "
            + "imagenet, cifar10 up to 64 pixels, half for grey]");
    private readonly Option<int> batch = Numbers.Whole("--batch", "images that go through the encoder at a time", 256, 1, 65_536);
    private readonly Option<int?> workers = Numbers.WholeOrAuto(
        "--workers", "threads that read images [default: all processors but one]", 1, 1024);
    private readonly Option<double> errors = DataFlags.MostErrorsOption();
    private readonly Option<DecodeScale> decodeScale = Values.Choice<DecodeScale>()
        .Option("--decode-scale", DataFlags.DecodeScaleHelp).Or(DecodeScale.Full);
    private readonly Option<string> device = Devices.Name.Option("--device", "cpu, cuda or cuda:N").Or("cpu");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [head, size, normalize, Stem, errors, decodeScale, .. Machine];

    /// <summary>Those that change nothing but the time.</summary>
    public IEnumerable<Option> Machine => [batch, workers, device];

    /// <summary>The one that counts for a file's network.</summary>
    public Option<Stem?> Stem { get; } = Values.OneOf<Stem?>(new()
    {
        ["imagenet"] = MoCo.Encoders.Stem.ImageNet,
        ["small"] = MoCo.Encoders.Stem.SmallImage,
        ["small-stride2"] = MoCo.Encoders.Stem.SmallImageStride2,
    }).Option(
        "--stem",
        "the first layers, where a file leaves them open: a 3×3 convolution of stride 1 (small) or 2 (small-stride2), or imagenet");

    /// <summary>Names the encoder's file.</summary>
    public static Argument<string> File(
        string name = "encoder", string description = "any file of an encoder's weights, or a run's folder") =>
        new(name) { Description = description, HelpName = name.ToUpperInvariant() };

    /// <summary>What was asked for.</summary>
    public EncoderChoice Read(ParseResult parsed, string path)
    {
        LaunchEnvironment launched = LaunchEnvironment.Read();
        Device where = Devices.Open(parsed.GetRequiredValue(device), launched);
        ProcessGroup group = ProcessGroup.FromEnvironment(where);
        if (group.Size > 1) Ranks.Joined();
        return new(WeightPath.Of(path), parsed.GetValue(Stem), parsed.GetValue(head))
        {
            Size = parsed.GetValue(size),
            Normalization = parsed.GetValue(normalize),
            MaximumErrorShare = parsed.GetValue(errors),
            DecodeSmaller = parsed.GetValue(decodeScale) == DecodeScale.Auto,
            BatchSize = parsed.GetValue(batch),
            Workers = parsed.GetValue(workers) ?? Math.Max(1, new LoaderOptions().Workers / group.LocalSize),
            Device = where,
            Group = group,
        };
    }
}
