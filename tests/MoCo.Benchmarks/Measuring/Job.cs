using System.Globalization;
using MoCo.Benchmarks.CommandLines;
using MoCo.Encoders;

namespace MoCo.Benchmarks.Measuring;

/// <summary>What one process measures: some parts of a step of one shape.</summary>
internal sealed record Job
{
    public const int Dimension = 128;
    public const int QueueLength = 65536;

    public required string Name { get; init; }
    public required string Architecture { get; init; }
    public required int Batch { get; init; }
    public required int Size { get; init; }

    /// <summary>small, imagenet, or auto: the small one up to 64 pixels.</summary>
    public required string StemName { get; init; }
    public required IReadOnlyList<string> Parts { get; init; }
    public required double Seconds { get; init; }
    public required int Threads { get; init; }
    public required string Device { get; init; }
    public required bool BFloat16 { get; init; }

    /// <summary>Time by the processor time of the whole process, which other programs disturb less.</summary>
    public bool ProcessorTime { get; init; }

    /// <summary>Ours alone.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Parts of a batch, ours alone.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Of <see cref="MethodRows"/>.</summary>
    public string Method { get; init; } = MethodRows.MoCo;

    public Backbone Backbone => Architecture == "resnet50" ? Backbone.ResNet50 : Backbone.ResNet18;

    public Stem Stem => StemName switch
    {
        "small" => Stem.SmallImage,
        "imagenet" => Stem.ImageNet,
        _ => Size <= 64 ? Stem.SmallImage : Stem.ImageNet,
    };

    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--arch", "NAME", "resnet18 or resnet50 (default: resnet18)"),
        new("--batch", "N", "images a step (default: 128)"),
        new("--size", "PIXELS", "side of an image (default: 32)"),
        new("--stem", "NAME", "small (3x3, stride 1, no pooling), imagenet, or auto: small up to 64 pixels (default: auto)"),
        new("--only", "PARTS", $"comma-separated, of {string.Join(", ", Part.All)} (default: step,forward_backward)"),
        new("--seconds", "S", "time to spend after the warm-up, about (default: 10)"),
        new("--threads", "N", "libtorch's threads (default: one a processor)"),
        new("--device", "NAME", "cpu or cuda (default: cpu)"),
        new("--bf16", null, "convolutions in bfloat16"),
        new("--processor-time", null, "milliseconds of processor time over all threads instead of the clock's, on a busy machine"),
        new("--gradient-checkpointing", null, "of ours alone, the step with it"),
        new("--accumulate", "N", "of ours alone, parts of a batch (default: 1)"),
        new("--method", "NAME", $"of ours alone, the step of {string.Join(", ", MethodRows.Names)} (default: {MethodRows.MoCo})"),
    ];

    public static Job Parse(CommandLine line) => new()
    {
        Name = "measure",
        Architecture = line.Choice("--arch", "resnet18", "resnet50"),
        Batch = line.Whole("--batch", 128, 2, 65536),
        Size = line.Whole("--size", 32, 8, 1024),
        StemName = line.Choice("--stem", "auto", "small", "imagenet"),
        Parts = line.Choices("--only", [Part.Step, Part.ForwardBackward], Part.All),
        Seconds = line.Number("--seconds", 10, 0.001, 86400),
        Threads = line.Whole("--threads", Environment.ProcessorCount, 1, 1024),
        Device = line.Choice("--device", "cpu", "cuda"),
        BFloat16 = line.Has("--bf16"),
        ProcessorTime = line.Has("--processor-time"),
        GradientCheckpointing = line.Has("--gradient-checkpointing"),
        MicroBatches = line.Whole("--accumulate", 1, 1, 8),
        Method = line.Choice("--method", MethodRows.Names),
    };

    /// <summary>The job as flags, which <c>measure</c> and pytorch/step.py understand alike.</summary>
    public IReadOnlyList<string> Arguments()
    {
        List<string> arguments =
        [
            "--arch", Architecture, "--batch", Text(Batch), "--size", Text(Size), "--stem", StemName, "--only", string.Join(',', Parts),
            "--seconds", Seconds.ToString(CultureInfo.InvariantCulture), "--threads", Text(Threads), "--device", Device,
        ];
        if (BFloat16) arguments.Add("--bf16");
        if (ProcessorTime) arguments.Add("--processor-time");
        if (Method != MethodRows.MoCo) arguments.AddRange(["--method", Method]);
        return arguments;

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
