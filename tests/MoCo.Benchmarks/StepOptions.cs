using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks;

/// <summary>What the user asked <c>step</c> for.</summary>
internal sealed record StepOptions(
    bool Compare, string? Json, double Seconds, int Rounds, int Threads, string Device, string? Python,
    IReadOnlyList<string> Only, bool BFloat16, string Stem, bool Methods, bool ProcessorTime)
{
    public const string ResNet18 = "resnet18", ResNet50 = "resnet50", Loader = "loader";

    private static readonly string[] Small = [Part.InfoNce, Part.MomentumUpdate, Part.Sgd, Part.Enqueue];
    private static readonly string[] Everything = [ResNet18, ResNet50, .. Small, Loader];

    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--compare", null, "measure plain TorchSharp and PyTorch in turn with ours and print ratios"),
        new("--json", "FILE", "write the figures as JSON too"),
        new("--only", "ROWS", $"comma-separated, of {string.Join(", ", Everything)} (default: all)"),
        new("--seconds", "S", "time after the warm-up for each job, side and round, about (default: 10)"),
        new("--rounds", "N", "turns (default: 3)"),
        new("--threads", "N", "threads of each side (default: one a processor)"),
        new("--device", "NAME", "cpu or cuda (default: cpu)"),
        new("--python", "PATH", "the Python with PyTorch (default: $MOCO_PYTHON, python3, /usr/bin/python3)"),
        new("--stem", "NAME", "ResNet-18's: imagenet (torchvision's) or small (3x3, stride 1, no pooling) (default: imagenet)"),
        new("--bf16", null, "convolutions in bfloat16, on both sides"),
        new("--processor-time", null, "ours alone: processor time over all threads instead of the clock's, on a busy machine"),
        new("--methods", null, $"instead, ours alone: ResNet-18's step with {string.Join(", ", MethodRows.Names)}"),
    ];

    public static StepOptions Parse(CommandLine line)
    {
        if (line.Has("--python") && !line.Has("--compare"))
            throw new UsageException("--python is given without --compare; expected both, since only the comparison needs Python.");
        foreach ((string one, string other) in (ReadOnlySpan<(string, string)>)
            [("--compare", "--methods"), ("--only", "--methods"), ("--compare", "--processor-time")])
            if (line.Has(one) && line.Has(other)) throw new UsageException($"{one} is given with {other}; expected one of both.");
        if (line.Text("--json") is string json && (Directory.Exists(json) || json.Trim().Length == 0))
            throw new UsageException($"--json is '{json}'; expected the name of a file to write.");
        return new StepOptions(
            line.Has("--compare"),
            line.Text("--json"),
            line.Number("--seconds", 10, 0.001, 86400),
            line.Whole("--rounds", 3, 1, 1000),
            line.Whole("--threads", Environment.ProcessorCount, 1, 1024),
            line.Choice("--device", "cpu", "cuda"),
            line.Text("--python"),
            line.Choices("--only", Everything, Everything),
            line.Has("--bf16"),
            line.Choice("--stem", "imagenet", "small"),
            line.Has("--methods"),
            line.Has("--processor-time"));
    }

    /// <summary>The processes that the rows need; the small parts share one, of ResNet-18's shape.</summary>
    public IReadOnlyList<Job> Jobs()
    {
        if (Methods) return [.. MethodRows.Names.Select(name => Make(name, ResNet18, 128, 32, [Part.Step]) with { Method = name })];
        string[] passes = [Part.Step, Part.ForwardBackward];
        List<Job> jobs = [];
        if (Only.Contains(ResNet18)) jobs.Add(Make(ResNet18, ResNet18, 128, 32, passes));
        if (Only.Contains(ResNet50)) jobs.Add(Make(ResNet50, ResNet50, Device == "cuda" ? 256 : 16, 224, passes));
        string[] small = [.. Small.Where(Only.Contains)];
        if (small.Length > 0) jobs.Add(Make("parts", ResNet18, 128, 32, small));
        if (Only.Contains(Loader)) jobs.Add(Make(Loader, ResNet18, 128, 32, [Part.LoaderOneWorker, Part.LoaderTwoWorkers]));
        return jobs;

        Job Make(string name, string architecture, int batch, int size, string[] parts) => new()
        {
            Name = name,
            Architecture = architecture,
            Batch = batch,
            Size = size,
            StemName = architecture == ResNet18 ? Stem : "imagenet",
            Parts = parts,
            Seconds = Seconds,
            Threads = Threads,
            Device = Device,
            BFloat16 = BFloat16,
            ProcessorTime = ProcessorTime,
        };
    }
}
