using MoCo.Reporting;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>A run with an online probe, from its flag to its files.</summary>
public sealed class ProbeRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void The_probes_accuracies_are_in_the_lines_the_metrics_the_page_and_the_summary_also_of_a_run_that_goes_on()
    {
        string data = small.WriteLabelled("labelled", SmallRun.Images);
        RunFolder run = small.Folder;
        string[] flags = [.. small.Flags(epochs: 2).Select(flag => flag == small.Data ? data : flag)];
        flags[Array.IndexOf(flags, "--knn-every") + 1] = "1";
        string said = SmallRun.Finish([.. flags, "--online-probe", "true", "--out", run.Root]);
        Assert.Matches(
            @"; online probe [\d.]+ % of the batches; kNN and online probe, 120 images, 120 voting: [\d.]+ % and [\d.]+ %", said);
        SmallRun.Finish("--out", run.Root, "--resume", "--epochs", "3", "--plain");

        IReadOnlyList<MetricsRow> rows = MetricsRow.ReadFile(run.MetricsJsonLines);
        Assert.Equal([10, 20, 30], rows.Where(row => row.Values.ContainsKey(MetricsRow.Probe)).Select(row => row.Step));
        Assert.Equal(30, rows.Count(row => row.Values.ContainsKey(MetricsRow.ProbeBatches)));
        double last = rows.Last(row => row.Values.ContainsKey(MetricsRow.Probe)).Values[MetricsRow.Probe];
        string summary = File.ReadAllText(Path.Combine(run.Root, "summary.json"));
        string expected = FormattableString.Invariant($"\"probe\": {Math.Round(100 * last, 2)}");
        Assert.Contains(expected, summary, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Online probe accuracy", File.ReadAllText(run.Report), StringComparison.Ordinal);

        said = SmallRun.Finish("--out", run.Root, "--resume", "--epochs", "4", "--online-probe", "false", "--plain");
        Assert.Contains("--online-probe is false from here on; it was true.\nWhat the online probe has learned is dropped: switched on "
            + "again, it begins from zero.\n", said, StringComparison.Ordinal);
        rows = MetricsRow.ReadFile(run.MetricsJsonLines);
        Assert.Equal((40L, 30), (rows[^1].Step, rows.Count(row => row.Values.ContainsKey(MetricsRow.ProbeBatches))));
        said = SmallRun.Finish("--out", run.Root, "--resume", "--epochs", "5", "--online-probe", "--plain");
        Assert.Contains("The online probe begins from zero here.\n", said, StringComparison.Ordinal);
        said = SmallRun.Finish("--out", run.Root, "--resume", "--epochs", "6", "--plain");
        Assert.DoesNotContain("begins from zero", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_without_labels_are_refused()
        => Assert.Equal($"--online-probe learns from labels, and {small.Data}/train-images-idx3-ubyte has none; expected data with "
            + "labels, or --online-probe false.",
            SmallRun.Refusal([.. small.Flags(epochs: 1), "--out", small.Folder.Root, "--online-probe", "true"]));
}
