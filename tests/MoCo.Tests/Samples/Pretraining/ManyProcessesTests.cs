using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MoCo.Reporting;
using MoCo.Tests.Distributed;
using MoCo.Training.Checkpoints;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>The program under mpirun and mpiexec: one run, whoever is asked to stop and whoever fails.</summary>
public sealed partial class ManyProcessesTests(ManyProcessesTests.Alone lone) : IClassFixture<ManyProcessesTests.Alone>, IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void A_run_of_two_leaves_the_files_of_one(string launcher)
    {
        string one = lone.Run, two = small.File("two");
        JobEnd end = MpiLaunch.Run(Command(launcher, [.. lone.Flags, "--out", two]));
        Assert.True(end.Code == 0, $"{end}");

        Assert.Equal(Names(one), Names(two));
        IReadOnlyList<MetricsRow> alone = Rows(one), shared = Rows(two);
        Assert.Equal(alone.Select(row => (row.Step, string.Join(',', row.Values.Keys))),
            shared.Select(row => (row.Step, string.Join(',', row.Values.Keys))));
        // The first loss is of the same views, weights and queue; later ones drift apart as float32 does.
        Assert.Equal(alone[0].Values[MetricsRow.Loss], shared[0].Values[MetricsRow.Loss], 1e-5);
        Assert.Equal(alone[^1].Values.Count, shared[^1].Values.Count);
        // What is said is said once, and the options of a machine's processes are not those of a run.
        Assert.Single(Regex.Matches(end.Output, "images to learn from"));
        Assert.Contains("2 processes train together, each with 6 of a batch's images.", end.Output);
        Assert.Equal(File.ReadAllText(new RunFolder(one).Options).Replace(one, "", StringComparison.Ordinal),
            File.ReadAllText(new RunFolder(two).Options).Replace(two, "", StringComparison.Ordinal));
        // One process goes on with what two have begun.
        Assert.Contains("Going on at step 20", SmallRun.Finish("--out", two, "--resume", "--epochs", "3", "--plain"));
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, "SIGUSR1", 1, 75)]
    [InlineData(MpiLaunch.OpenMpi, "SIGTERM", 0, 143)]
    [InlineData(MpiLaunch.OpenMpi, "SIGINT", 1, 130)]
    [InlineData(MpiLaunch.Mpich, "SIGUSR1", -1, 75)]
    [InlineData(MpiLaunch.Mpich, "SIGTERM", 1, 143)]
    [InlineData(MpiLaunch.Mpich, "SIGINT", 0, 130)]
    public void A_signal_to_one_rank_or_to_the_job_stops_all_at_the_same_step(string launcher, string signal, int rank, int code)
    {
        string run = small.File("run");
        JobEnd end = MpiLaunch.Run(Command(launcher, [.. Flags(epochs: 2_000), "--out", run]), job =>
        {
            WaitForSteps(job, run);
            Send(signal, rank < 0 ? job.Id : RankProcesses(run)[rank]);
        });
        Assert.True(end.Code == code, $"{end}");
        Match stopped = StoppedLine().Match(end.Output);
        Assert.True(stopped.Success, $"{end}");
        using MoCoTrainer trainer = MoCoTrainer.Resume(Path.Combine(run, "checkpoints", "last.ckpt"));
        Assert.Equal(int.Parse(stopped.Groups[1].Value.Replace(",", "", StringComparison.Ordinal)), trainer.StepCount);
        Assert.Empty(RankProcesses(run));
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, 0)]
    [InlineData(MpiLaunch.OpenMpi, 1)]
    [InlineData(MpiLaunch.Mpich, 1)]
    public void A_killed_rank_ends_the_job_and_the_last_checkpoint_stands(string launcher, int rank)
    {
        string run = small.File("run");
        long killed = 0;
        JobEnd end = MpiLaunch.Run(Command(launcher, [.. Flags(epochs: 2_000), "--out", run]), job =>
        {
            WaitForSteps(job, run);
            Process.GetProcessById(RankProcesses(run)[rank]).Kill();
            killed = Stopwatch.GetTimestamp();
        });
        Assert.True(Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(10), $"{end}");
        Assert.NotEqual(0, end.Code);
        Waiting.Until(() => RankProcesses(run).Length == 0);
        AssertGoesOn(run);
    }

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void A_full_disk_of_rank_0_ends_the_job(string launcher)
    {
        using SmallDisk disk = new(4096);
        string run = disk.File("run");
        JobEnd end = MpiLaunch.Run(Command(launcher, [.. Flags(epochs: 2_000), "--out", run]), job =>
        {
            WaitForSteps(job, run);
            disk.Fill();
        });
        Assert.Equal(1, end.Code);
        Assert.Single(Regex.Matches(end.Errors + end.Output, "No space left on device"));
        Waiting.Until(() => RankProcesses(run).Length == 0);
        AssertGoesOn(run);
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, new[] { "--no-such-flag" }, "Unknown option '--no-such-flag'.")]
    [InlineData(MpiLaunch.Mpich, new[] { "--bn-splits", "3", "--batch-size", "12" },
        "--bn-splits is 3; expected a multiple of 2, the processes")]
    [InlineData(MpiLaunch.OpenMpi, new[] { "--batch-size", "13" }, "--batch-size is 13; expected a multiple of 2, the processes")]
    [InlineData(MpiLaunch.Mpich, new[] { "--data", "/no/such" }, "--data is /no/such, and there is no such file or folder.")]
    public void What_is_wrong_with_all_is_said_once(string launcher, string[] flags, string told)
    {
        JobEnd end = MpiLaunch.Run(Command(launcher, [.. Flags(epochs: 1, flags), "--out", small.File("run")]));
        Assert.True(end.Code == 2, $"{end}");
        Assert.Single(Regex.Matches(end.Errors + end.Output, Regex.Escape(told)));
        Assert.False(Directory.Exists(small.File("run")));
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, new[] { "--save-every-steps", "2" }, 1, "Rank 1 differs from rank 0 in --save-every-steps (here 3)")]
    [InlineData(MpiLaunch.Mpich, new[] { "--lr", "0.5" }, 1, "Rank 1 differs from rank 0 in --lr (here ")]
    [InlineData(MpiLaunch.OpenMpi, new[] { "--data", "/no/such" }, 2, "[rank 1] pretrain: --data is /no/such, and there is no such file")]
    [InlineData(MpiLaunch.Mpich, new[] { "--data", "/no/such" }, 2, "[rank 1] pretrain: --data is /no/such, and there is no such file")]
    [InlineData(MpiLaunch.Mpich, new[] { "--data", "OTHER" }, 1, "Rank 1 differs from rank 0 in the number of images (here 120)")]
    public void A_rank_with_other_flags_or_data_is_told_of_by_name(string launcher, string[] other, int code, string told)
    {
        string others = small.WriteNoise("others", 90);
        string[] flags = [.. Flags(epochs: 1), "--out", small.File("run")],
            second = [.. Flags(epochs: 1, [.. other.Select(word => word == "OTHER" ? others : word)]), "--out", small.File("run")];
        ProcessStartInfo start =
            MpiLaunch.Command(launcher, 1, ["dotnet", Program, .. flags, ":", "-n", "1", "dotnet", Program, .. second]);
        JobEnd end = MpiLaunch.Run(start);
        Assert.True(end.Code == code, $"{end}");
        Assert.Contains(told, end.Errors + end.Output);
        Assert.True(end.Time < TimeSpan.FromSeconds(30), $"{end}");
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, "linear")]
    [InlineData(MpiLaunch.Mpich, "knn")]
    public void Features_are_extracted_in_parts_and_measured_once(string launcher, string command)
    {
        string run = small.File("run"), data = small.WriteLabelled("labelled", 121);
        TemporaryFolder.Copy(lone.Run, run);
        JobEnd end = MpiLaunch.Run(MpiLaunch.Command(launcher, 2, ["dotnet", Evaluate, .. Flags("two.json")]));
        Assert.True(end.Code == 0, $"{end}");
        Assert.Equal(2, Regex.Count(end.Output, "by 2 processes"));
        Assert.DoesNotContain("by 2 processes", Programs.Call("Evaluate", 0, Flags("one.json")), StringComparison.Ordinal);
        string[] figures = [.. new[] { "one.json", "two.json" }.Select(name => File.ReadAllText(small.File(name)))];
        // Products of other row counts are rounded in another order: figures agree, not all digits.
        Assert.NotEmpty(Numbers(figures[0]));
        Assert.Equal(Numbers(figures[0]).Length, Numbers(figures[1]).Length);
        Assert.All(Numbers(figures[0]).Zip(Numbers(figures[1])), pair => Assert.Equal(pair.First, pair.Second, 0.05));

        string[] Flags(string json) => [command, run, "--data", data, "--json", small.File(json), "--workers", "1"];

        static double[] Numbers(string json) =>
            [.. Regex.Matches(json, @"(?<=: )[\d.]+(?=,?\n)").Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Other_programs_refuse_to_be_many()
    {
        JobEnd end = MpiLaunch.Run(MpiLaunch.Command(MpiLaunch.Mpich, 2, ["dotnet", Evaluate, "inspect", "nothing.safetensors"]));
        Assert.Equal(2, end.Code);
        Assert.Contains("evaluate: 2 processes were launched, and each would do the whole work; expected one.", end.Errors);
    }

    [Fact]
    public void Variables_that_contradict_each_other_are_refused_by_name()
    {
        ProcessStartInfo start = new("dotnet", [Program, .. Flags(epochs: 1), "--out", small.File("run")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["WORLD_SIZE"] = "2";
        JobEnd end = MpiLaunch.Run(start);
        Assert.Equal(1, end.Code);
        Assert.Contains("WORLD_SIZE is set, and RANK is not; expected both of them, or neither.", end.Errors);
    }

    private static string Evaluate => Repository.File("samples", "Evaluate", "bin", Repository.Configuration, "net10.0", "evaluate.dll");

    private static string Program => Repository.File("samples", "Pretrain", "bin", Repository.Configuration, "net10.0", "pretrain.dll");

    private static ProcessStartInfo Command(string launcher, string[] flags)
        => MpiLaunch.Command(launcher, 2, ["dotnet", Program, .. flags]);

    private string[] Flags(int epochs, params string[] changes) => Flags(small, epochs, changes);

    /// <summary>The run's flags; what is given comes in the place of what is there.</summary>
    private static string[] Flags(SmallRun small, int epochs, params string[] changes)
    {
        List<string> flags = [.. small.Flags(epochs)];
        foreach (string[] change in (IEnumerable<string[]>)[["--bn-splits", "2"], .. changes.Chunk(2)])
        {
            int at = flags.IndexOf(change[0]);
            if (at >= 0) flags.RemoveRange(at, 2);
            flags.AddRange(change);
        }
        return [.. flags];
    }

    private static string[] Names(string run) => [.. Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(run, file))
            .Select(file => file.StartsWith("events", StringComparison.Ordinal) ? "events" : file)
        .Order(StringComparer.Ordinal)];

    private static IReadOnlyList<MetricsRow> Rows(string run) => MetricsRow.ReadFile(new RunFolder(run).MetricsJsonLines);

    private static void WaitForSteps(Process job, string run) => Waiting.Until(() => job.HasExited
        || (File.Exists(Path.Combine(run, "metrics.csv")) && File.Exists(Path.Combine(run, "checkpoints", "last.ckpt"))));

    /// <summary>A single process goes on from the last checkpoint.</summary>
    private static void AssertGoesOn(string run)
    {
        string checkpoint = Assert.IsType<string>(CheckpointFolder.Newest(Path.Combine(run, "checkpoints")));
        using MoCoTrainer trainer = MoCoTrainer.Resume(checkpoint);
        Assert.True(trainer.StepCount > 0, checkpoint);
    }

    /// <summary>The processes of a run's ranks, in rank order.</summary>
    private static int[] RankProcesses(string run)
    {
        List<(int Rank, int Id)> found = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(name => char.IsAsciiDigit(Path.GetFileName(name)[0])))
        {
            try
            {
                string[] line = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (line.Length < 2 || !line[0].EndsWith("dotnet", StringComparison.Ordinal) || line[1] != Program || !line.Contains(run))
                    continue;
                string? rank = File.ReadAllText(Path.Combine(process, "environ")).Split('\0')
                    .FirstOrDefault(variable => RankVariable().IsMatch(variable));
                if (rank is not null) found.Add((int.Parse(rank.Split('=')[1]), int.Parse(Path.GetFileName(process))));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }
        return [.. found.Order().Select(process => process.Id)];
    }

    private static void Send(string signal, int process)
        => Assert.Equal(0, Kill(process, signal switch { "SIGINT" => 2, "SIGUSR1" => 10, _ => 15 }));

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    [GeneratedRegex(@"Stopped and saved at step ([\d,]+), in epoch")]
    private static partial Regex StoppedLine();

    [GeneratedRegex("^(PMI_RANK|OMPI_COMM_WORLD_RANK)=")]
    private static partial Regex RankVariable();

    /// <summary>A run by one process, with which those by several are compared.</summary>
    public sealed class Alone : IDisposable
    {
        private readonly SmallRun small = new();

        public Alone()
        {
            string data = small.WriteLabelled("labelled", 120);
            Flags = ManyProcessesTests.Flags(small, epochs: 2, "--data", data, "--knn-every", "1", "--seed", "3", "--lr", "0.001");
            SmallRun.Finish([.. Flags, "--out", Run]);
        }

        public string[] Flags { get; }

        public string Run => small.Folder.Root;

        public void Dispose() => small.Dispose();
    }
}
