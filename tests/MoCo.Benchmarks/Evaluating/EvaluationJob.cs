using System.Globalization;
using MoCo.Benchmarks.CommandLines;

namespace MoCo.Benchmarks.Evaluating;

/// <summary>What one process measures: a linear probe and kNN on random features of one size.</summary>
internal sealed record EvaluationJob(int Rows, int Queries, int Dimension, int Classes, int Epochs, double Seconds, int Threads)
{
    public const string Probe = "linear_probe", Knn = "knn";

    /// <summary>The processor time of a part, in milliseconds over all threads: beside a busy machine's other work it says more than the
    /// clock.</summary>
    public static string ProcessorTime(string part) => part + "_cpu";

    /// <summary>Spaced as the library's default, so that both sides try the same.</summary>
    public static IReadOnlyList<double> LearningRates { get; } = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

    public static IReadOnlyList<Flag> Flags { get; } =
    [
        new("--rows", "N", "training vectors (default: 60000)"),
        new("--queries", "N", "test vectors (default: 10000)"),
        new("--dim", "D", "numbers in a vector (default: 512)"),
        new("--classes", "C", "classes (default: 10)"),
        new("--epochs", "N", "epochs of the probe (default: 2)"),
        new("--seconds", "S", "time after the warm-up for each side and round, about (default: 20)"),
        new("--threads", "N", "threads of each side (default: one a processor)"),
    ];

    public static EvaluationJob Parse(CommandLine line) => new(
        line.Whole("--rows", 60_000, 1000, 10_000_000),
        line.Whole("--queries", 10_000, 1, 10_000_000),
        line.Whole("--dim", 512, 1, 65_536),
        line.Whole("--classes", 10, 2, 100_000),
        line.Whole("--epochs", 2, 1, 10_000),
        line.Number("--seconds", 20, 0.001, 86_400),
        line.Whole("--threads", Environment.ProcessorCount, 1, 1024));

    /// <summary>The job as flags, which <c>measure-evaluation</c> and pytorch/evaluation.py understand alike.</summary>
    public IReadOnlyList<string> Arguments() =>
    [
        "--rows", Text(Rows), "--queries", Text(Queries), "--dim", Text(Dimension), "--classes", Text(Classes), "--epochs", Text(Epochs),
        "--seconds", Seconds.ToString(CultureInfo.InvariantCulture), "--threads", Text(Threads),
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
