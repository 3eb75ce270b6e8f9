using MoCo.Reporting;
using MoCo.Training;
using Pretrain;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What becomes of a run when its disk is full, its folder or its images vanish, or the unforeseen happens.</summary>
public sealed class FaultyRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_disk_that_is_full_for_a_while_ends_no_run_that_is_told_to_go_on_and_nothing_is_missing_in_the_end()
    {
        using SmallDisk disk = new(4096);
        string run = disk.File("run");
        Told said = new(step =>
        {
            if (step == 7) disk.Fill();
            if (step == 22) disk.MakeRoom();
        });
        Assert.Equal(0, Execute(said, [.. small.Flags(epochs: 3), "--out", run, "--go-on-after-error"]));
        Assert.Contains(said.Lines, line => line.StartsWith("error: ", StringComparison.Ordinal)
            && line.Contains("No space left on device", StringComparison.Ordinal));
        IsComplete(new RunFolder(run), steps: 30);
    }

    [Fact]
    public void A_disk_that_stays_full_is_told_with_the_step_what_stands_and_how_to_go_on()
    {
        using SmallDisk disk = new(4096);
        string run = disk.File("run");
        Told said = new(step => { if (step == 7) disk.Fill(); });
        string error = Assert.Throws<InvalidOperationException>(
            () => Execute(said, [.. small.Flags(epochs: 3), "--out", run])).Message;
        Assert.Contains("No space left on device", error, StringComparison.Ordinal);
        Assert.Contains("The run ended by an error at step ", error, StringComparison.Ordinal);
        // The checkpoint of step 6 may still be on its way when the disk is full.
        Assert.Matches(@"last\.ckpt stands at step [36]\. To go on:\n  pretrain --out ", error);
        Assert.EndsWith(" --resume", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories),
            file => file.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.EndsWith("\n", File.ReadAllText(Path.Combine(run, "metrics.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_is_full_at_the_end_leaves_a_run_that_goes_on_where_the_last_checkpoint_stands()
    {
        using SmallDisk disk = new(4096);
        string run = disk.File("run");
        Told said = new(step => { if (step == 7) disk.Fill(); });
        string error = Assert.Throws<InvalidOperationException>(
            () => Execute(said, [.. small.Flags(epochs: 3), "--out", run, "--go-on-after-error"])).Message;
        Assert.Contains("The run ended by an error at step 30, in epoch 3 of 3.", error, StringComparison.Ordinal);
        // As above, that of step 3 where the disk was full first.
        Assert.Matches($@"last\.ckpt stands at step [36]\. To go on:\n  pretrain --out {run} --resume$", error);
    }

    [Fact]
    public void A_step_that_is_not_finite_ends_the_run_and_is_made_again_by_one_command()
    {
        string error = Assert.Throws<InvalidOperationException>(() => Execute(new Told(_ => { }),
            [.. small.Flags(epochs: 3), "--out", small.Folder.Root, "--lr", "1e25", "--clip-norm", "1e30"])).Message;
        Assert.Contains("is NaN at or just before step ", error, StringComparison.Ordinal);
        string batch = Assert.Single(Directory.GetFiles(small.Folder.BadBatches, "*.safetensors"));
        string said = SmallRun.Finish("--replay", batch);
        Assert.Contains(": loss ", said, StringComparison.Ordinal);
        Assert.Contains("The images:", said, StringComparison.Ordinal);
        Assert.Contains("gradient_norm", File.ReadAllText(Path.Combine(small.Folder.Root, "metrics.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_deleted_under_a_run_is_made_anew_with_everything_in_it()
    {
        Told said = new(step => { if (step == 14) Directory.Delete(small.Folder.Root, recursive: true); });
        Assert.Equal(0, Execute(said, [.. small.Flags(epochs: 3), "--out", small.Folder.Root]));
        IsComplete(small.Folder, steps: 30);
    }

    [Fact]
    public void Images_that_are_deleted_under_a_run_end_it_with_a_checkpoint_to_go_on_from()
    {
        string data = small.WriteImages("images", 48);
        Told said = new(step => { if (step == 9) Directory.Delete(data, recursive: true); });
        string[] flags = [.. small.Flags(epochs: 40).Skip(2), "--data", data, "--out", small.Folder.Root, "--views", "cifar",
            "--view-size", "16", "--prefetch", "1"];
        string error = Assert.Throws<InvalidOperationException>(() => Execute(said, flags)).Message;
        Assert.Contains("could not be read", error, StringComparison.Ordinal);
        Assert.Contains("last.ckpt stands at step ", error, StringComparison.Ordinal);
        Assert.Contains("error.txt", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_trace_of_what_nobody_foresaw_is_in_a_file_and_the_screen_has_what_helps()
    {
        Told said = new(step => { if (step == 5) TorchSharp.torch.zeros(2).view(3).Dispose(); });
        string error = Assert.Throws<InvalidOperationException>(
            () => Execute(said, [.. small.Flags(epochs: 3), "--out", small.Folder.Root])).Message;
        string trace = Path.Combine(small.Folder.Root, "error.txt"), saved = Path.Combine(small.Folder.Checkpoints, "last.ckpt");
        Assert.Equal(
            $"""
            shape '[3]' is invalid for input of size 2
            The run ended by an error at step 5, in epoch 1 of 3. {saved} stands at step 3. To go on:
              pretrain --out {small.Folder.Root} --resume
            The whole trace is in {trace}.
            """, error);
        Assert.Contains("Exception raised from ", File.ReadAllText(trace), StringComparison.Ordinal);
        Assert.Contains("FaultyRunTests", File.ReadAllText(trace), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_fails_before_its_first_checkpoint_claims_none()
    {
        Told said = new(step => { if (step == 1) throw new IOException("the display's own"); });
        string error = Assert.Throws<InvalidOperationException>(
            () => Execute(said, [.. small.Flags(epochs: 3), "--out", small.Folder.Root])).Message;
        Assert.Contains("at step 1, in epoch 1 of 3. No checkpoint is saved: the same command begins anew.", error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("stands", error, StringComparison.Ordinal);
    }

    private static int Execute(Display display, string[] args)
    {
        using StopSignals signals = new();
        return new Run(SmallRun.Asked(args), display, signals).Execute();
    }

    private static void IsComplete(RunFolder run, int steps)
    {
        IReadOnlyList<MetricsRow> rows = MetricsRow.ReadFile(run.MetricsJsonLines);
        Assert.Equal(Enumerable.Range(1, steps).Select(step => (long)step), rows.Select(row => row.Step).Distinct());
        Assert.Equal(rows.Count + 1, File.ReadAllLines(Path.Combine(run.Root, "metrics.csv")).Length);
        using MoCoTrainer trainer = MoCoTrainer.Resume(Path.Combine(run.Checkpoints, "last.ckpt"));
        Assert.Equal(steps, trainer.StepCount);
        string[] files = [run.Options, run.Backbone, run.Report,
            Path.Combine(run.Root, "curve.svg"), Path.Combine(run.Root, "summary.json")];
        Assert.All(files, file => Assert.True(new FileInfo(file).Length > 0, file));
        Assert.Equal(steps, Directory.GetFiles(run.Events).SelectMany(Reporting.EventFileReader.Read)
            .Count(read => read.Summary?.Value.Any(value => value.Tag == MetricsRow.Loss) == true));
        Assert.Empty(Directory.GetFiles(run.Root, "*.tmp", SearchOption.AllDirectories));
    }

    /// <summary>Listens instead of a console, and does something when a step is shown.</summary>
    private sealed class Told(Action<long> at) : Display
    {
        private long latest;

        public List<string> Lines { get; } = [];

        public override void Say(string line) => Lines.Add(line);

        public override FitResult During(Func<FitResult> train) => train();

        public override void Show(RunStatus status)
        {
            if (status.Progress.Step == latest) return;
            latest = status.Progress.Step;
            at(latest);
        }
    }
}
