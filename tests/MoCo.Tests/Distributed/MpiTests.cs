using System.Diagnostics;
using MoCo.Distributed;
using MoCo.Distributed.Mpi;

namespace MoCo.Tests.Distributed;

/// <summary>Processes under mpirun and mpiexec.</summary>
public sealed class MpiTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    // Jobs take a second to start, so one makes several runs.
    private static readonly string[] OfTwo = ["v1", "symmetric sum, K 100, noted", "v1, 2 groups each", "v3", "SimCLR"],
        OfFour = ["v1, K 100", "v2", "mixed", "memory bank, NCE"];

    public static TheoryData<string, int> Trainings => new()
    {
        { MpiLaunch.OpenMpi, 2 }, { MpiLaunch.OpenMpi, 4 }, { MpiLaunch.Mpich, 2 }, { MpiLaunch.Mpich, 4 },
    };

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void Every_collective_moves_what_it_should(string launcher)
    {
        JobEnd end = MpiLaunch.Run(MpiLaunch.Task(launcher, 3, ["collectives", folder.Path]));
        Assert.True(end.Code == 0, $"{end}");
        Assert.All(RankProgram.Read<string[]>(folder.Path, 3), wrong => Assert.Empty(wrong));
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Ranks_train_what_one_process_does(string launcher, int ranks)
    {
        string[] names = ranks == 2 ? OfTwo : OfFour;
        JobEnd end = MpiLaunch.Run(MpiLaunch.Task(launcher, ranks, ["train", folder.Path, .. names]));
        Assert.True(end.Code == 0, $"{end}");
        Dictionary<string, RankResult>[] results = RankProgram.Read<Dictionary<string, RankResult>>(folder.Path, ranks);
        foreach (string name in names)
        {
            RankResult alone = RankRun.Named[name].Train(ProcessGroup.Single), first = results[0][name];
            (double difference, string worst) = alone.Worst(first);
            Assert.True(difference < RankRun.Named[name].Tolerance,
                FormattableString.Invariant($"{name}: {worst} is off by {difference:G3}"));
            Assert.All(results, result => Assert.Equal(first.Digest(), result[name].Digest())); // the same bits
        }
        if (ranks > 2) return;
        // The next run has them again.
        Assert.Equal(0, MpiLaunch.Run(MpiLaunch.Task(launcher, ranks, ["train", folder.Path, names[0]])).Code);
        Assert.Equal(results[0][names[0]].Digest(),
            RankProgram.Read<Dictionary<string, RankResult>>(folder.Path, ranks)[0][names[0]].Digest());
    }

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void A_run_goes_on_with_another_number_of_processes(string launcher)
    {
        const string Run = "v1, K 100";
        RankResult[] last = [];
        // 5 + 7 + 4 + 4 steps, with 1, 2, 4 and again 1 process; what is saved in the middle of an epoch shares the statistics there.
        foreach ((int ranks, int steps) in (ReadOnlySpan<(int, int)>)[(1, 5), (2, 7), (4, 4), (1, 4)])
        {
            if (ranks == 1)
            {
                last = [RankProgram.Resume(ProcessGroup.Single, folder.Path, Run, steps)];
                continue;
            }
            JobEnd end = MpiLaunch.Run(MpiLaunch.Task(launcher, ranks, ["resume", folder.Path, Run, $"{steps}"]));
            Assert.True(end.Code == 0, $"{end}");
            last = RankProgram.Read<RankResult>(folder.Path, ranks);
            Assert.All(last, result => Assert.Equal(last[0].Digest(), result.Digest()));
        }
        RankResult alone = RankRun.Named[Run].Train(ProcessGroup.Single, 20) with { Losses = [] };
        Assert.True(alone.Worst(last[0]).Difference < 1e-12, $"{alone.Worst(last[0])}");
    }

    [Theory]
    [InlineData(MpiLaunch.OpenMpi, "libmpich.so.12", "OMPI_COMM_WORLD_SIZE")]
    [InlineData(MpiLaunch.Mpich, "libmpi.so.40", "PMI_SIZE")]
    public void A_library_that_is_not_the_launchers_is_refused(string launcher, string library, string variable)
    {
        Dictionary<string, string> environment = new() { ["MOCO_MPI"] = library, ["OMPI_ALLOW_RUN_AS_ROOT"] = "1" };
        JobEnd end = MpiLaunch.Run(MpiLaunch.Task(launcher, 2, ["collectives", folder.Path], environment));
        Assert.NotEqual(0, end.Code);
        Assert.Contains($"{variable} says 2 processes, and ", end.Errors + end.Output);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_library_that_is_not_there_is_named()
    {
        ProcessStartInfo start = MpiLaunch.Task(
            MpiLaunch.Mpich, 2, ["collectives", folder.Path], new Dictionary<string, string> { ["MOCO_MPI"] = "libnone.so.1" });
        JobEnd end = MpiLaunch.Run(start);
        Assert.NotEqual(0, end.Code);
        Assert.Contains("No MPI library can be loaded: libnone.so.1: cannot open shared object file", end.Errors + end.Output);
    }

    [Fact]
    public void The_launcher_decides_which_library_is_tried()
    {
        Assert.Equal(["libmpi.so.40"], MpiLibrary.NamesFor(Launcher.OpenMpi, null));
        Assert.Equal(["libmpich.so.12", "libmpi.so.12"], MpiLibrary.NamesFor(Launcher.Mpich, ""));
        Assert.Equal(["/opt/mpi.so"], MpiLibrary.NamesFor(Launcher.Mpich, "/opt/mpi.so"));
        Assert.Equal(3, MpiLibrary.NamesFor(Launcher.Slurm, null).Length);
    }

    [Fact]
    public void One_process_alone_loads_nothing()
    {
        Assert.Same(ProcessGroup.Single, ProcessGroup.FromEnvironment());
        Assert.DoesNotContain("libmp", File.ReadAllText("/proc/self/maps"));
    }

    public void Dispose() => folder.Dispose();
}
