using System.Text.Json.Nodes;
using MoCo.Reporting;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>MoCo's relatives through the program.</summary>
public sealed class MethodRunsTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_method_is_written_into_the_runs_options_and_goes_on_as_the_same()
    {
        string run = small.File("run");
        SmallRun.Finish([.. small.Flags(1), "--method", "contrastive-clustering", "--clusters", "4", "--out", run]);
        JsonNode options = JsonNode.Parse(File.ReadAllText(small.Folder.Options))!;
        Assert.Equal("contrastiveclustering", options["method"]!.GetValue<string>());
        Assert.Equal(4, options["clusters"]!.GetValue<int>());
        string again = SmallRun.Finish("--out", run, "--resume", "--epochs", "2", "--plain", "--threads", "1", "--workers", "1");
        Assert.Contains("contrastiveclustering: resnet18", again, StringComparison.Ordinal);
        Assert.Contains("--method is simclr, the checkpoint's is contrastiveclustering",
            SmallRun.Refusal("--out", run, "--resume", "--epochs", "3", "--method", "simclr"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_as_long_as_the_data_leaves_own_keys_out_says_so_and_counts_false_negatives_where_there_are_labels()
    {
        foreach (string name in new[] { "a", "b" }) small.WriteImages($"labelled/{name}", 30);
        string[] flags = [.. small.Flags(2).Skip(2), "--hold-out", "0"];
        string said = SmallRun.Finish(["--data", small.File("labelled"), .. flags, "--out", small.File("run")]);
        Assert.Contains("note: the queue of 64 keys is not shorter than the 60 images; keys of the query's own image are left out of its "
            + "negatives (--leave-out none keeps them).", said, StringComparison.Ordinal);
        Assert.Equal("ownimage", JsonNode.Parse(File.ReadAllText(small.Folder.Options))!["leave-out"]!.GetValue<string>());
        MetricsRow[] rows = [.. MetricsRow.ReadFile(small.Folder.MetricsJsonLines)
            .Where(row => row.Values.ContainsKey(MetricsRow.FalseNegatives))];
        // From the second step on, when the queue has keys of images.
        Assert.Equal(9, rows.Length);
        Assert.All(rows, row => Assert.InRange(row.Values[MetricsRow.FalseNegatives], 0.2, 0.8));
        Assert.All(rows, row => Assert.InRange(row.Values[MetricsRow.NearFalseNegatives], 0, 1));
        Assert.Contains(
            "false_negatives", File.ReadLines(Path.Combine(small.File("run"), "metrics.csv")).First(), StringComparison.Ordinal);
    }
}
