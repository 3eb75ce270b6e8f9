using System.Globalization;
using MoCo.Benchmarks.CommandLines;

namespace MoCo.Benchmarks.Scaling;

/// <summary>What each rank trains on, and how often.</summary>
internal sealed record ScaleJob(int Batch, int Size, int Steps, int Threads)
{
    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--batch", "N", "images of a rank here (default: 32)"),
        new("--size", "PIXELS", "side of an image here (default: 32)"),
        new("--steps", "N", "timed steps of a process, after two that are not (default: 12)"),
        new("--threads", "N", "threads of a rank (default: 1)"),
    ];

    public static ScaleJob Parse(CommandLine line) => new(
        line.Whole("--batch", 32, 2, 65536), line.Whole("--size", 32, 8, 1024), line.Whole("--steps", 12, 1, 100_000),
        line.Whole("--threads", 1, 1, 1024));

    /// <summary>The job as flags.</summary>
    public IReadOnlyList<string> Arguments() => [.. new (string Flag, int Value)[]
        { ("--batch", Batch), ("--size", Size), ("--steps", Steps), ("--threads", Threads) }
        .SelectMany(flag => new[] { flag.Flag, flag.Value.ToString(CultureInfo.InvariantCulture) })];
}
