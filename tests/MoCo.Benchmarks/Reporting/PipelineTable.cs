using System.Globalization;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Reporting;

/// <summary>One recipe's results for people.</summary>
internal static class PipelineTable
{
    public static void Print(PipelineResults results)
    {
        string[] heads = [results.Recipe, "ours", "torchvision", "ratio"];
        ConsoleTable.Print(heads, Lines(results));
        Console.WriteLine();
    }

    private static IEnumerable<string[]> Lines(PipelineResults results)
    {
        yield return Rates("decode + two views, one core", results.Ours(PipelinePart.Pair), results.Peer(PipelinePart.Pair), "pairs/s");
        yield return Rates("  by processor time", results.Ours(PipelinePart.PairCpu), results.Peer(PipelinePart.PairCpu), "pairs/s");
        yield return Rates("  with Skia's decoder", results.Ours(PipelinePart.PairSkia), results.Peer(PipelinePart.Pair), "pairs/s");
        yield return Rates("decode only", results.Ours(PipelinePart.Decode), results.Peer(PipelinePart.Decode), "/s");
        yield return Rates("  with Skia's decoder", results.Ours(PipelinePart.DecodeSkia), results.Peer(PipelinePart.Decode), "/s");
        yield return Rates("two views only", results.Ours(PipelinePart.Views), results.Peer(PipelinePart.Views), "pairs/s");
        foreach ((string step, double ours, double? theirs) in results.Steps())
            yield return ["  " + step, Text($"{ours:F0} µs/view"), theirs is double t ? Text($"{t:F0} µs/view")
                : "", theirs / ours is double r ? Text($"{r:F1}") : ""];
        yield return Rates("through the loader, one core", results.Loader(1), results.Peer(PipelinePart.Pair), "pairs/s");
        yield return Rates("  by processor time", results.LoaderByProcessorTime(1), results.Peer(PipelinePart.PairCpu), "pairs/s");
        if (results.HasTwoCores)
        {
            yield return Rates("through the loader, two cores", results.Loader(2), results.PeerOnTwoCores(), "pairs/s");
            yield return ["  two cores ÷ one", Text($"{results.TwoCoreRatio:F2}"), Text($"{results.PeerTwoCoreRatio:F2}"), ""];
        }
        yield return ["allocated for each image", Text($"{results.BytesPerImage:F0} B"), "", ""];
        yield return ["  through the loader", Text($"{results.LoaderBytesPerImage:F0} B"), "", ""];
    }

    private static string[] Rates(string what, double[] ours, double[] theirs, string unit)
    {
        (double a, double b) = (Statistics.Median(ours), Statistics.Median(theirs));
        return [what, Text($"{a:F0} {unit}"), Text($"{b:F0} {unit}"), Text($"{a / b:F2}")];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
