using System.Text;
using MoCo.Reporting;
using MoCo.Tests.Samples.Pretraining;
using static MoCo.Tests.Samples.Programs;

namespace MoCo.Tests.Samples;

/// <summary>A folder of runs side by side.</summary>
public sealed class RunsProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public RunsProgramTests() => Directory.CreateDirectory(folder.File("runs"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_best_come_first_with_their_state_their_time_and_the_options_that_differ()
    {
        Write("a/slow", """{"preset":"cifar","epochs":2,"lr":0.03,"$images":5}""", 0.4, 0.3);
        Write("a/best", """{"preset":"cifar","epochs":2,"lr":0.06,"$images":6}""", 0.5, 0.7);
        folder.Write("runs/a/best/summary.json", """{"steps":20}"""u8.ToArray());
        Write("failed", """{"preset":"cifar","epochs":2,"lr":0.06,"seed":3}""", 0.1);
        folder.Write("runs/failed/error.txt", "a trace"u8.ToArray());
        Directory.CreateDirectory(folder.File("runs/broken"));
        folder.Write("runs/broken/options.json", "{"u8.ToArray());
        Directory.CreateDirectory(folder.File("runs/no run"));

        string said = Start("Runs", 0, folder.File("runs"), "--csv", folder.File("r.csv"), "--html", folder.File("r.html"));

        string[] rows = [.. said.Split('\n').Where(line => line.StartsWith('│')).Skip(1)];
        Assert.Contains("a/best │ 70.00 %   │ 70.00 %     │ 2      │ done", rows[0], StringComparison.Ordinal);
        Assert.Contains("0:01:15 │ lr 0.06", rows[0], StringComparison.Ordinal);
        Assert.Contains("a/slow │ 40.00 %   │ 30.00 %     │ 2      │ stopped", rows[1], StringComparison.Ordinal);
        string[] csv = File.ReadAllLines(folder.File("r.csv"));
        Assert.Equal("run,knn_best,knn_latest,epochs_done,state,trained_seconds,changed,--lr,--seed", csv[0]);
        Assert.Equal(["a/best", "a/slow", "failed", "broken"], csv[1..].Select(line => line.Split(',')[0]));
        Assert.Contains(",failed,", csv[3], StringComparison.Ordinal);
        Assert.Contains("can't be read", csv[4], StringComparison.Ordinal);
        string page = File.ReadAllText(folder.File("r.html"));
        Assert.Contains("a/best", page, StringComparison.Ordinal);
        Assert.Contains("70.00 %", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Epochs_that_are_whole_count_where_the_last_interval_of_the_metrics_ended_before_them()
    {
        (string Name, (int Step, string Column, double Value)[] Rows)[] runs =
        [
            ("whole", [(9, "epoch", 0.9), (10, "epoch_seconds", 2), (18, "epoch", 1.8), (20, "epoch_seconds", 2), (20, "knn", 0.3)]),
            ("begun", [(10, "epoch_seconds", 2), (20, "epoch_seconds", 2), (20, "knn", 0.2), (25, "epoch", 2.5)]),
            ("one", [(9, "epoch", 0.9), (10, "knn", 0.1)]),
        ];
        foreach ((string name, (int Step, string Column, double Value)[] rows) in runs)
        {
            Write(name, """{"preset":"cifar"}""");
            foreach ((int step, string column, double value) in rows) Write(name, step, new() { [column] = value });
        }
        folder.Write("runs/one/summary.json", """{"steps":10,"epochs_done":1}"""u8.ToArray());

        string said = Call("Runs", 0, folder.File("runs"), "--csv", folder.File("r.csv"));

        Assert.Matches(@"│ whole +│[^│]+│[^│]+│ 2 +│ stopped", said);
        Assert.Matches(@"│ begun +│[^│]+│[^│]+│ 2\.5 +│ stopped", said);
        Assert.Matches(@"│ one +│[^│]+│[^│]+│ 1 +│ done", said);
        Assert.Equal(["2", "2.5", "1"], File.ReadAllLines(folder.File("r.csv"))[1..].Select(line => line.Split(',')[3]));
    }

    [Fact]
    public void The_run_that_was_stopped_last_goes_on_with_no_further_argument_and_a_running_one_is_left_alone()
    {
        using SmallRun small = new();
        string path = Path.GetDirectoryName(small.Folder.Root)!;
        Assert.Contains("has no runs in it", Call("Runs", 2, path), StringComparison.Ordinal);
        SmallRun.Finish([.. small.Flags(1), "--out", small.Folder.Root]);
        Assert.Contains("can go on", Call("Runs", 2, path, "--resume"), StringComparison.Ordinal);
        // As if it had been killed before its end.
        File.Delete(Path.Combine(small.Folder.Root, "summary.json"));
        using (new FileStream(Path.Combine(small.Folder.Checkpoints, ".lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("│ running │", Call("Runs", 0, path), StringComparison.Ordinal);

        string said = Start("Runs", 0, path, "--resume");

        Assert.Contains($"going on with {small.Folder.Root}", said, StringComparison.Ordinal);
        Assert.Contains("│ done ", Call("Runs", 0, path), StringComparison.Ordinal);
        Assert.Contains("is no folder", Call("Runs", 2, small.File("nowhere")), StringComparison.Ordinal);
    }

    /// <summary>A run's folder with an accuracy after each of its epochs of ten steps.</summary>
    private void Write(string name, string options, params double[] knn)
    {
        Directory.CreateDirectory(folder.File($"runs/{name}"));
        folder.Write($"runs/{name}/options.json", Encoding.UTF8.GetBytes(options));
        for (int epoch = 1; epoch <= knn.Length; epoch++)
            Write(name, 10 * epoch, new() { ["epoch"] = epoch, ["epoch_seconds"] = 37.5, ["knn"] = knn[epoch - 1] });
    }

    private void Write(string name, int step, Dictionary<string, double> row)
    {
        using MetricsWriter writer = new(folder.File($"runs/{name}"));
        writer.Write(step, row);
    }
}
