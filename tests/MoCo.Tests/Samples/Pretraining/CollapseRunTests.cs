using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Reporting;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What a run's files say of collapse, and a run without a head from its flags to its files.</summary>
public sealed class CollapseRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void Looks_at_the_embeddings_are_in_the_metrics_the_page_and_the_events_also_of_a_run_without_a_head()
    {
        string[] flags = [.. small.Flags(epochs: 2), "--collapse-every-steps", "5", "--head", "direct", "--method", "simclr"];
        RunFolder run = small.Folder;
        string said = SmallRun.Finish([.. flags, "--out", run.Root]);
        Assert.Contains("effective rank", said, StringComparison.Ordinal);

        MetricsRow[] looks = [.. MetricsRow.ReadFile(run.MetricsJsonLines).Where(row => row.Values.ContainsKey(MetricsRow.Rank))];
        Assert.Equal([5, 10, 15, 20], looks.Select(row => row.Step));
        foreach (MetricsRow look in looks)
        {
            // Five batches of 12 embeddings of 16 numbers.
            Assert.Equal(look.Values[MetricsRow.Rank] / 16, look.Values[MetricsRow.RankShare], 1e-9);
            Assert.InRange(look.Values[MetricsRow.Uniformity], -8, 0);
            Assert.InRange(look.Values[MetricsRow.LeastDeviation], 0, look.Values[MetricsRow.Deviation]);
        }
        string table = File.ReadAllText(Path.Combine(run.Root, "metrics.csv")), page = File.ReadAllText(run.Report);
        Assert.All([MetricsRow.Rank, MetricsRow.FeatureRank, MetricsRow.Alignment, MetricsRow.Uniformity, MetricsRow.LeastDeviation],
            name => Assert.Contains(name, table, StringComparison.Ordinal));
        Assert.All(["Effective rank, of what can be", "Alignment and uniformity", "least dimension"],
            title => Assert.Contains(title, page, StringComparison.Ordinal));
        Assert.Contains(Directory.GetFiles(run.Events).SelectMany(Reporting.EventFileReader.Read),
            read => read.Summary?.Value.Any(value => value.Tag == MetricsRow.FeatureRankShare) == true);

        using Encoder built = EncoderFiles.Open(Path.Combine(run.Checkpoints, "last.ckpt"));
        Assert.Equal((HeadKind.Direct, 16), (((ProjectionHead)built.Head).Kind, ((ProjectionHead)built.Head).EmbeddingDimension));
        SmallRun.Finish("--out", run.Root, "--resume", "--epochs", "3", "--plain");
        Assert.Contains("--head is linear, the checkpoint's is direct",
            SmallRun.Refusal("--out", run.Root, "--resume", "--head", "linear"), StringComparison.Ordinal);
    }
}
