using System.Globalization;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Reporting;

/// <summary>The results for people.</summary>
internal static class StepTable
{
    /// <summary>GFLOP/s below which a BLAS has no kernels for the processor.</summary>
    private const double SlowBlas = 10;

    public static void Print(StepResults results, StepOptions options)
    {
        string[] heads = options.Compare ? ["", "ours", "spread", "plain TorchSharp", "ratio", "PyTorch", "ratio"] : ["", "ours", "spread"];
        ConsoleTable.Print(heads, Lines(results).Select(l => l[..heads.Length]));
        if (results.PeersBlas() is double speed && speed < SlowBlas)
            Console.WriteLine(Text($"PyTorch's BLAS ran at {speed:F1} GFLOP/s: its figures say little. On Debian: apt-get install ")
                + "libopenblas0-pthread.");
    }

    private static IEnumerable<string[]> Lines(StepResults results)
    {
        foreach (Row row in results.Rows())
        {
            yield return [row.Key, Milliseconds(row.Of(Side.Ours)), Percent(Statistics.Spread(row.Rounds[Side.Ours])),
                Milliseconds(row.Of(Side.TorchSharp)), Ratio(row.TorchSharpRatio), Milliseconds(row.Theirs), Ratio(row.Ratio)];
        }
        foreach ((Job job, IReadOnlyDictionary<Side, double> share) in results.Overheads())
            yield return ["overhead " + job.Name, .. Cells(share, Percent)];
        foreach ((Job job, IReadOnlyDictionary<Side, double> peak) in results.PeakMemory())
            yield return ["peak memory " + job.Name, .. Cells(peak, v => Text($"{v:F0} MiB"))];
        foreach ((Job job, IReadOnlyDictionary<Side, double> speed) in results.Speeds())
            yield return [Text($"bare {job.Name}: {Operations.OfPasses(job):F0} GFLOP"), .. Cells(speed, Speed)];
        double? ours = results.Product(Side.Ours), theirs = results.PeersBlas();
        if (ours is not null || theirs is not null)
            yield return ["matrix product", Speed(ours), "", "", "", Speed(theirs), ""];
        foreach ((int workers, double pairs) in results.Loader())
            yield return [$"loader, {workers} worker{(workers == 1 ? "" : "s")}", Text($"{pairs:F0} pairs/s"), "", "", "", "", ""];
    }

    private static string[] Cells(IReadOnlyDictionary<Side, double> values, Func<double, string> text)
    {
        return [Cell(Side.Ours), "", Cell(Side.TorchSharp), "", Cell(Side.PyTorch), ""];

        string Cell(Side side) => values.TryGetValue(side, out double value) ? text(value) : "";
    }

    private static string Speed(double value) => Text($"{value:F0} GFLOP/s");

    private static string Speed(double? value) => value is double v ? Speed(v) : "";

    private static string Ratio(double? value) => value is double v ? Text($"{v:F2}") : "";

    private static string Milliseconds(double? value)
        => value is double v ? Text($"{(v < 10 ? Math.Round(v, 3) : Math.Round(v, 1))} ms") : "";

    private static string Percent(double value) => Text($"{value * 100:F1} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
