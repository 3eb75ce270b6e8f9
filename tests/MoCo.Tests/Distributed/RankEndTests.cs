using System.Diagnostics;
using System.Globalization;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Distributed;

/// <summary>However one rank ends, all end, soon, the job's exit code says so, and the last checkpoint stands.</summary>
public sealed class RankEndTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, string> Ends
    {
        get
        {
            TheoryData<string, string, string> data = [];
            foreach (string launcher in (ReadOnlySpan<string>)[MpiLaunch.OpenMpi, MpiLaunch.Mpich])
            {
                data.Add(launcher, "exception", "planted");
                data.Add(launcher, "exit code 3", "");
                data.Add(launcher, "exit code 0", "");
                data.Add(launcher, "kill -9", "");
                data.Add(launcher, "not a number", nameof(TrainingDivergedException));
                data.Add(launcher, "apart", "Rank 1 differs from rank 0 at step 6, in method.encoder_q");
                data.Add(launcher, "unreadable images", "images could not be read");
                data.Add(launcher, "hang", "Rank 0: the all-");
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void One_ranks_end_is_the_end_of_all(string launcher, string how, string told)
    {
        TimeSpan took = default;
        JobEnd end = MpiLaunch.Run(
            MpiLaunch.Task(launcher, 2, ["end", folder.Path, how], new Dictionary<string, string> { ["MOCO_TEST_PATIENCE"] = "3" }),
            job =>
            {
                Waiting.Until(() => how == "unreadable images" || File.Exists(folder.File("started1")) || job.HasExited);
                long met = Stopwatch.GetTimestamp();
                Waiting.Until(() => job.HasExited);
                took = Stopwatch.GetElapsedTime(met);
            });
        Assert.NotEqual(0, end.Code);
        if (how == "exit code 3") Assert.Equal(3, end.Code);
        Assert.True(how == "unreadable images" || took < Soon, $"{took} {end}");
        Assert.Contains(told, end.Errors + end.Output);
        foreach (int rank in (ReadOnlySpan<int>)[0, 1])
        {
            int pid = int.Parse(File.ReadAllText(folder.File($"pid{rank}")), CultureInfo.InvariantCulture);
            Waiting.Until(() => !Directory.Exists($"/proc/{pid}"));
        }
        // The checkpoint of the epoch before is whole, and a single process goes on from it.
        string checkpoint = Assert.IsType<string>(CheckpointFolder.Newest(folder.File("checkpoints")));
        MoCoOptions begun = RankEnds.Options;
        using MoCoTrainer trainer = MoCoTrainer.Resume(checkpoint);
        Assert.Equal(begun, trainer.Options);
        Assert.InRange(trainer.Epoch, 1, how == "unreadable images" ? 20 : 3);
    }

    public void Dispose() => folder.Dispose();
}
