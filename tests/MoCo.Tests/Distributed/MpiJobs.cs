using MoCo.Distributed;

namespace MoCo.Tests.Distributed;

/// <summary>The jobs of a launcher whose results several tests look at: a job takes seconds to start, so each makes several runs.</summary>
internal sealed class MpiJobs
{
    /// <summary>The run that one process begins, two and four ranks go on with, and one process ends.</summary>
    public const string GoneOnWith = "v1, K 100";

    private static readonly Dictionary<int, string[]> Names = new()
    {
        [2] = ["v1", "symmetric sum, K 100, noted", "v1, 2 groups each", "v3", "SimCLR"],
        [4] = ["v1, K 100", "v2", "mixed", "memory bank, NCE"],
    };

    public MpiJobs(string launcher)
    {
        using TemporaryFolder folder = new();
        // What is saved in the middle of an epoch shares the statistics there.
        Resume(steps: 5);
        Trained = new() { [2] = Train(ranks: 2, steps: 7), [4] = Train(ranks: 4, steps: 4) };
        GoneOn = Resume(steps: 4);
        Again = Ranks<Dictionary<string, RankResult>>("train", ranks: 2, ["train", folder.Path, Names[2][0]]);

        RankResult Resume(int steps) => RankProgram.Resume(ProcessGroup.Single, folder.Path, GoneOnWith, steps);

        Dictionary<string, RankResult>[] Train(int ranks, int steps)
        {
            Dictionary<string, RankResult>[] trained = Ranks<Dictionary<string, RankResult>>(
                "train", ranks, ["train", folder.Path, .. Names[ranks], RankProgram.Then, "resume", folder.Path, GoneOnWith, $"{steps}"]);
            RankResult[] resumed = RankProgram.Read<RankResult>(folder.Path, "resume", ranks);
            Assert.All(resumed, result => Assert.Equal(resumed[0].Digest(), result.Digest()));
            return trained;
        }

        T[] Ranks<T>(string read, int ranks, string[] tasks)
        {
            JobEnd end = MpiLaunch.Run(MpiLaunch.Task(launcher, ranks, tasks));
            Assert.True(end.Code == 0, $"{end}");
            return RankProgram.Read<T>(folder.Path, read, ranks);
        }
    }

    /// <summary>What each rank came to in each run, by the number of ranks.</summary>
    public Dictionary<int, Dictionary<string, RankResult>[]> Trained { get; }

    /// <summary>The same of the first run of two, by another job.</summary>
    public Dictionary<string, RankResult>[] Again { get; }

    /// <summary>What 5 + 7 + 4 + 4 steps with 1, 2, 4 and again 1 process came to.</summary>
    public RankResult GoneOn { get; }
}
