using System.Globalization;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Reporting;

/// <summary>The results for people.</summary>
internal static class StepTable
{
    public static void Print(StepResults results, StepOptions options)
    {
        string[] heads = options.Compare ? ["", "ours", "spread", "PyTorch", "PyTorch, passive", "ratio"] : ["", "ours", "spread"];
        ConsoleTable.Print(heads, Lines(results).Select(l => l[..heads.Length]));
    }

    private static IEnumerable<string[]> Lines(StepResults results)
    {
        foreach (Row row in results.Rows())
        {
            yield return [row.Key, Milliseconds(row.Of(Side.Ours)), Percent(Statistics.Spread(row.Rounds[Side.Ours])),
                Milliseconds(row.Of(Side.PyTorch)), Milliseconds(row.Of(Side.PyTorchPassive)), row.Ratio is double ratio ? Text($"{ratio:F2}") : ""];
        }
        foreach ((Job job, IReadOnlyDictionary<Side, double> share) in results.Overheads())
            yield return ["overhead " + job.Name, .. Cells(share, Percent)];
        foreach ((Job job, IReadOnlyDictionary<Side, double> peak) in results.PeakMemory())
            yield return ["peak memory " + job.Name, .. Cells(peak, v => Text($"{v:F0} MiB"))];
        foreach ((int workers, double pairs) in results.Loader())
            yield return [$"loader, {workers} worker{(workers == 1 ? "" : "s")}", Text($"{pairs:F0} pairs/s"), "", "", "", ""];
    }

    private static string[] Cells(IReadOnlyDictionary<Side, double> values, Func<double, string> text)
    {
        return [Cell(Side.Ours), "", Cell(Side.PyTorch), Cell(Side.PyTorchPassive), ""];

        string Cell(Side side) => values.TryGetValue(side, out double value) ? text(value) : "";
    }

    private static string Milliseconds(double? value) => value is double v ? Text($"{(v < 10 ? Math.Round(v, 3) : Math.Round(v, 1))} ms") : "";

    private static string Percent(double value) => Text($"{value * 100:F1} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
