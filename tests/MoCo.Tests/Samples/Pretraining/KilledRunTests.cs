using System.Diagnostics;
using System.Globalization;
using MoCo.Reporting;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>The program ended by force and by signals: what it leaves behind goes on.</summary>
public sealed class KilledRunTests : IDisposable
{
    /// <summary>More than a build wants to wait for can be asked for by this variable.</summary>
    private const string KillsVariable = "MOCO_TEST_KILLS";

    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_run_killed_at_any_moment_goes_on_with_less_than_an_epoch_lost_and_comes_to_the_same_end()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable(KillsVariable), out int asked) ? asked : 5;
        string[] flags = small.Flags(epochs: 3 * kills);
        Random random = new(11);
        long known = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            using Process process = SmallRun.Start([.. flags, "--out", small.Folder.Root, "--resume"]);
            string first = known == 0 ? SmallRun.Until(process, "resnet18") : SmallRun.Until(process, "Going on at step ", "All ");
            // A quick machine may have come to the end.
            if (first.StartsWith("All ", StringComparison.Ordinal)) break;
            if (known > 0)
                Assert.InRange(long.Parse(first.Split(' ')[4].Trim(','), NumberStyles.AllowThousands, CultureInfo.InvariantCulture),
                    known - SmallRun.StepsPerEpoch + 1, known + 1);
            Assert.Empty(Directory.EnumerateFiles(small.Folder.Checkpoints, "*.tmp"));
            // From before the first step to some epochs on.
            Thread.Sleep(random.Next(300));
            process.Kill();
            process.WaitForExit();
            known = File.Exists(small.Folder.MetricsJsonLines) ? MetricsRow.ReadFile(small.Folder.MetricsJsonLines)
                .Select(row => row.Step).LastOrDefault() : 0;
            if (!File.Exists(Path.Combine(small.Folder.Checkpoints, "last.ckpt"))) known = NothingSaved(known);
        }
        SmallRun.Finish([.. flags, "--out", small.Folder.Root, "--resume"]);

        RunFolder whole = new(small.File("whole"));
        SmallRun.Finish([.. flags, "--out", whole.Root]);
        Snapshot.Same(SmallRun.State(Path.Combine(whole.Checkpoints, "last.ckpt")),
            SmallRun.State(Path.Combine(small.Folder.Checkpoints, "last.ckpt")));
        Assert.Equal(Losses(whole), Losses(small.Folder));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_saves_and_ends_and_the_run_goes_on_where_it_stood(string signal, int code)
    {
        string[] flags = small.Flags(epochs: 200);
        using (Process process = SmallRun.Start([.. flags, "--out", small.Folder.Root]))
        {
            SmallRun.Until(process, "epoch 1:");
            Process.Start("kill", [$"-{signal}", $"{process.Id}"]).WaitForExit();
            Assert.Contains("Stopped and saved at step ", SmallRun.Ended(process, code), StringComparison.Ordinal);
        }
        long step = MetricsRow.ReadFile(small.Folder.MetricsJsonLines)[^1].Step;
        using Process resumed = SmallRun.Start("--out", small.Folder.Root, "--resume", "--plain");
        Assert.StartsWith($"Going on at step {step.ToString("N0", CultureInfo.InvariantCulture)}, ",
            SmallRun.Until(resumed, "Going on"), StringComparison.Ordinal);
        resumed.Kill();
        resumed.WaitForExit();
    }

    [Fact]
    public void A_second_run_in_the_same_folder_is_refused_while_the_first_goes_on()
    {
        string[] flags = [.. small.Flags(epochs: 10_000), "--out", small.Folder.Root];
        using Process first = SmallRun.Start(flags);
        SmallRun.Until(first, "epoch 1:");
        using (Process second = SmallRun.Start([.. flags, "--resume"]))
            Assert.Contains("is in use by another run", SmallRun.Ended(second, 2), StringComparison.Ordinal);
        Assert.False(first.HasExited);
        first.Kill();
        first.WaitForExit();
    }

    /// <summary>Killed before the first checkpoint: less than an epoch may have been done by then.</summary>
    private static long NothingSaved(long known)
    {
        Assert.InRange(known, 0, SmallRun.StepsPerEpoch - 1);
        return 0;
    }

    private static IEnumerable<(long, double)> Losses(RunFolder run) =>
        MetricsRow.ReadFile(run.MetricsJsonLines).Where(row => row.Values.ContainsKey(MetricsRow.Loss))
            .Select(row => (row.Step, row.Values[MetricsRow.Loss]));
}
