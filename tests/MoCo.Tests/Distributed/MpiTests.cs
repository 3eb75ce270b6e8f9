using System.Diagnostics;
using MoCo.Distributed;
using MoCo.Distributed.Mpi;

namespace MoCo.Tests.Distributed;

/// <summary>Processes under mpirun and mpiexec.</summary>
public sealed class MpiTests(MpiTests.Jobs jobs) : IClassFixture<MpiTests.Jobs>, IDisposable
{
    private readonly TemporaryFolder folder = new();

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
        Assert.All(RankProgram.Read<string[]>(folder.Path, "collectives", 3), wrong => Assert.Empty(wrong));
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Ranks_train_what_one_process_does(string launcher, int ranks)
    {
        Dictionary<string, RankResult>[] results = jobs.Of(launcher).Trained[ranks];
        Assert.Equal(ranks == 2 ? 5 : 4, results[0].Count);
        foreach ((string name, RankResult first) in results[0])
        {
            RankResult alone = jobs.Alone(name);
            (double difference, string worst) = alone.Worst(first);
            Assert.True(difference < RankRun.Named[name].Tolerance,
                FormattableString.Invariant($"{name}: {worst} is off by {difference:G3}"));
            Assert.All(results, result => Assert.Equal(first.Digest(), result[name].Digest())); // the same bits
        }
    }

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void The_next_job_comes_to_the_same_bits(string launcher)
    {
        MpiJobs made = jobs.Of(launcher);
        (string name, RankResult again) = Assert.Single(made.Again[0]);
        Assert.Equal(made.Trained[2][0][name].Digest(), again.Digest());
    }

    [Theory]
    [MemberData(nameof(MpiLaunch.Both), MemberType = typeof(MpiLaunch))]
    public void A_run_goes_on_with_another_number_of_processes(string launcher)
    {
        RankResult alone = RankRun.Named[MpiJobs.GoneOnWith].Train(ProcessGroup.Single, 20) with { Losses = [] };
        (double difference, string worst) = alone.Worst(jobs.Of(launcher).GoneOn);
        Assert.True(difference < 1e-12, $"{worst}: {difference}");
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

    /// <summary>Jobs and what they are compared with, made for the first test that asks.</summary>
    public sealed class Jobs
    {
        private readonly Dictionary<string, MpiJobs> made = [];
        private readonly Dictionary<string, RankResult> alone = [];

        internal MpiJobs Of(string launcher)
        {
            if (!made.TryGetValue(launcher, out MpiJobs? jobs)) made[launcher] = jobs = new MpiJobs(launcher);
            return jobs;
        }

        /// <summary>What one process comes to in a run.</summary>
        internal RankResult Alone(string name)
        {
            if (!alone.TryGetValue(name, out RankResult? result)) alone[name] = result = RankRun.Named[name].Train(ProcessGroup.Single);
            return result;
        }
    }
}
