using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks;

/// <summary>What the user asked <c>pipeline</c> for.</summary>
internal sealed record PipelineOptions(string? Images, string? Json, double Seconds, int Rounds, string? Python, IReadOnlyList<string> Only)
{
    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--images", "DIR", "a folder of JPEGs (default: 1,000 cut from Debian's photographs, once, into artifacts)"),
        new("--seconds", "S", "time after the warm-up for each recipe, process and round, about (default: 6)"),
        new("--json", "FILE", "write the figures as JSON too"),
        new("--rounds", "N", "turns (default: 3)"),
        new("--only", "RECIPES", $"comma-separated, of {string.Join(", ", PipelineJob.Recipes)} (default: all)"),
        new("--python", "PATH", "the Python with torchvision (default: $MOCO_PYTHON, python3, /usr/bin/python3)"),
    ];

    public static PipelineOptions Parse(CommandLine line)
    {
        if (line.Text("--images") is string images && !Directory.Exists(images))
            throw new UsageException($"--images is '{images}'; expected a folder that exists.");
        if (line.Text("--json") is string json && (Directory.Exists(json) || json.Trim().Length == 0))
            throw new UsageException($"--json is '{json}'; expected the name of a file to write.");
        return new PipelineOptions(
            line.Text("--images") is string folder ? Path.GetFullPath(folder) : null,
            line.Text("--json"),
            line.Number("--seconds", 6, 0.001, 86400),
            line.Whole("--rounds", 3, 1, 1000),
            line.Text("--python"),
            line.Choices("--only", PipelineJob.Recipes, PipelineJob.Recipes));
    }
}
