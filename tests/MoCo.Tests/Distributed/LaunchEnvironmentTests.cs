using MoCo.Distributed;

namespace MoCo.Tests.Distributed;

/// <summary>What launchers' variables say, by a dictionary in place of the environment.</summary>
public sealed class LaunchEnvironmentTests
{
    public static TheoryData<string, string, int, int, int, int> Whole => new()
    {
        // variables, launcher, rank, size, local rank, local size
        { "", nameof(Launcher.None), 0, 1, 0, 1 },
        { "PATH=/bin SLURM_JOB_ID=7", nameof(Launcher.None), 0, 1, 0, 1 },
        { Env.OpenMpi(3, 8, 1, 2), nameof(Launcher.OpenMpi), 3, 8, 1, 2 },
        { Env.Mpich(3, 8, 1, 2), nameof(Launcher.Mpich), 3, 8, 1, 2 },
        { Env.Torchrun(3, 8, 1, 2), nameof(Launcher.Torchrun), 3, 8, 1, 2 },
        { Env.Slurm(3, 8, 1, "2"), nameof(Launcher.Slurm), 3, 8, 1, 2 },
        // Of one process.
        { Env.OpenMpi(0, 1, 0, 1), nameof(Launcher.OpenMpi), 0, 1, 0, 1 },
        { Env.Mpich(0, 1, 0, 1), nameof(Launcher.Mpich), 0, 1, 0, 1 },
        { Env.Torchrun(0, 1, 0, 1), nameof(Launcher.Torchrun), 0, 1, 0, 1 },
        { Env.Slurm(0, 1, 0, "1"), nameof(Launcher.Slurm), 0, 1, 0, 1 },
        // A launcher that does not tell which processes share a machine.
        { "PMI_RANK=3 PMI_SIZE=8", nameof(Launcher.Mpich), 3, 8, 3, 8 },
        { "RANK=3 WORLD_SIZE=8 LOCAL_WORLD_SIZE=2", nameof(Launcher.Torchrun), 3, 8, 1, 2 },
        { "RANK=3 WORLD_SIZE=8 LOCAL_RANK=1", nameof(Launcher.Torchrun), 3, 8, 1, 8 },
        { "RANK=3 WORLD_SIZE=8 LOCAL_RANK= LOCAL_WORLD_SIZE=", nameof(Launcher.Torchrun), 3, 8, 3, 8 },
        // As many tasks on each of some machines: a list is no number.
        { Env.Slurm(3, 8, 1, "4(x2)"), nameof(Launcher.Slurm), 3, 8, 1, 8 },
        { Env.Slurm(3, 8, 1, "4,3(x2)"), nameof(Launcher.Slurm), 3, 8, 1, 8 },
        { Env.Slurm(3, 8, 1, ""), nameof(Launcher.Slurm), 3, 8, 1, 8 },
        // By the step's own list, on the third machine; with PMI's variables too, which do not tell of machines.
        { Env.Slurm(9, 11, 1, "") + " SLURM_NODEID=2 SLURM_STEP_TASKS_PER_NODE=4(x2),3", nameof(Launcher.Slurm), 9, 11, 1, 3 },
        { Env.Slurm(5, 11, 1, "8") + " SLURM_NODEID=1 SLURM_STEP_TASKS_PER_NODE=4(x2),3", nameof(Launcher.Slurm), 5, 11, 1, 4 },
        { Env.Slurm(5, 11, 1, "") + " SLURM_NODEID=1 SLURM_STEP_TASKS_PER_NODE=4(x2),3 PMI_RANK=5 PMI_SIZE=11",
        nameof(Launcher.Mpich), 5, 11, 1, 4 },
        { Env.Slurm(5, 8, 1, "4") + " SLURM_NODEID=1 SLURM_STEP_TASKS_PER_NODE=4(y2", nameof(Launcher.Slurm), 5, 8, 1, 4 },
        // More on this machine than SLURM was asked for.
        { Env.Slurm(3, 8, 3, "2"), nameof(Launcher.Slurm), 3, 8, 3, 4 },
        // A batch script is no task of a step, whatever it was given.
        { "SLURM_JOB_ID=7 SLURM_PROCID=0 SLURM_NTASKS=8 SLURM_LOCALID=0", nameof(Launcher.None), 0, 1, 0, 1 },
        // Empty is not set.
        { "RANK= WORLD_SIZE=", nameof(Launcher.None), 0, 1, 0, 1 },
        { "OMPI_COMM_WORLD_RANK= OMPI_COMM_WORLD_SIZE= RANK=1 WORLD_SIZE=2", nameof(Launcher.Torchrun), 1, 2, 1, 2 },
        // Steps of SLURM's that start a launcher on every machine.
        { Env.Slurm(1, 2, 0, "1") + Env.Torchrun(9, 16, 1, 8), nameof(Launcher.Torchrun), 9, 16, 1, 8 },
        { Env.Slurm(1, 2, 0, "1") + Env.OpenMpi(9, 16, 1, 8), nameof(Launcher.OpenMpi), 9, 16, 1, 8 },
        { Env.Slurm(1, 2, 0, "1") + Env.Mpich(9, 16, 1, 8), nameof(Launcher.Mpich), 9, 16, 1, 8 },
        // Scripts that hand MPI's numbers on by torchrun's names.
        { Env.OpenMpi(3, 8, 1, 2) + Env.Torchrun(3, 8, 1, 2), nameof(Launcher.OpenMpi), 3, 8, 1, 2 },
        { Env.Mpich(3, 8, 1, 2) + Env.Torchrun(3, 8, 1, 2), nameof(Launcher.Mpich), 3, 8, 1, 2 },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void Variables_of_a_launcher_are_read(string variables, string launcher, int rank, int size, int localRank, int localSize)
    {
        LaunchEnvironment found = Env.Read(variables);
        Assert.Equal(new LaunchEnvironment(Enum.Parse<Launcher>(launcher), rank, size, localRank, localSize), found);
        Assert.Equal((launcher, launcher is "OpenMpi" or "Mpich"), (found.StartedBy, found.IsMpi));
        Assert.Equal(launcher == "None", found == LaunchEnvironment.Alone);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        // By half.
        { "OMPI_COMM_WORLD_RANK=1", Half("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE") },
        { "OMPI_COMM_WORLD_SIZE=2", Half("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK") },
        { "PMI_RANK=1", Half("PMI_RANK", "PMI_SIZE") },
        { "PMI_SIZE=2", Half("PMI_SIZE", "PMI_RANK") },
        { "RANK=1", Half("RANK", "WORLD_SIZE") },
        { "WORLD_SIZE=2", Half("WORLD_SIZE", "RANK") },
        { "WORLD_SIZE=1", Half("WORLD_SIZE", "RANK") },
        { "RANK= WORLD_SIZE=2", Half("WORLD_SIZE", "RANK") },
        { "SLURM_STEP_ID=0 SLURM_PROCID=1", Half("SLURM_PROCID", "SLURM_STEP_NUM_TASKS") },
        { "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2", Half("SLURM_STEP_NUM_TASKS", "SLURM_PROCID") },
        // The second launcher by half.
        { Env.OpenMpi(0, 2, 0, 2) + "RANK=0", Half("RANK", "WORLD_SIZE") },
        // No numbers.
        { "RANK=one WORLD_SIZE=2", NoNumber("RANK", "one") },
        { "RANK=1 WORLD_SIZE=two", NoNumber("WORLD_SIZE", "two") },
        { "RANK=-1 WORLD_SIZE=2", NoNumber("RANK", "-1") },
        { "RANK=1.0 WORLD_SIZE=2", NoNumber("RANK", "1.0") },
        { "RANK=1 WORLD_SIZE=99999999999", NoNumber("WORLD_SIZE", "99999999999") },
        { "RANK=1 WORLD_SIZE=2 LOCAL_RANK=x", NoNumber("LOCAL_RANK", "x") },
        { "PMI_RANK=1 PMI_SIZE=0x2", NoNumber("PMI_SIZE", "0x2") },
        { "OMPI_COMM_WORLD_RANK=? OMPI_COMM_WORLD_SIZE=2", NoNumber("OMPI_COMM_WORLD_RANK", "?") },
        { "SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=4(x2)", NoNumber("SLURM_STEP_NUM_TASKS", "4(x2)") },
        // Ranks that there cannot be.
        { "RANK=2 WORLD_SIZE=2", "RANK is 2; expected 0 to 1, as WORLD_SIZE is 2." },
        { "RANK=0 WORLD_SIZE=0", "WORLD_SIZE is 0; expected 1 or more." },
        { Env.OpenMpi(8, 8, 0, 8), "OMPI_COMM_WORLD_RANK is 8; expected 0 to 7, as OMPI_COMM_WORLD_SIZE is 8." },
        { Env.Mpich(9, 8, 0, 8), "PMI_RANK is 9; expected 0 to 7, as PMI_SIZE is 8." },
        { Env.Slurm(9, 8, 0, "8"), "SLURM_PROCID is 9; expected 0 to 7, as SLURM_STEP_NUM_TASKS is 8." },
        // Launchers that contradict each other.
        {
            Env.OpenMpi(0, 2, 0, 2) + Env.Torchrun(1, 2, 1, 2),
            Contradiction("OMPI_COMM_WORLD_RANK is 0 and OMPI_COMM_WORLD_SIZE 2, and RANK is 1 and WORLD_SIZE 2")
        },
        {
            Env.OpenMpi(0, 2, 0, 2) + Env.Mpich(0, 4, 0, 4),
            Contradiction("OMPI_COMM_WORLD_RANK is 0 and OMPI_COMM_WORLD_SIZE 2, and PMI_RANK is 0 and PMI_SIZE 4")
        },
        {
            Env.Mpich(1, 2, 1, 2) + Env.Torchrun(0, 1, 0, 1),
            Contradiction("PMI_RANK is 1 and PMI_SIZE 2, and RANK is 0 and WORLD_SIZE 1")
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Variables_that_are_set_by_half_or_contradict_are_refused_by_name(string variables, string expected)
        => Assert.Equal(expected, Assert.Throws<ProcessGroupException>(() => Env.Read(variables)).Message);

    [Theory]
    [InlineData(nameof(Launcher.None), "")]
    [InlineData(nameof(Launcher.OpenMpi), "OMPI_COMM_WORLD_SIZE")]
    [InlineData(nameof(Launcher.Mpich), "PMI_SIZE")]
    [InlineData(nameof(Launcher.Slurm), "SLURM_STEP_NUM_TASKS")]
    [InlineData(nameof(Launcher.Torchrun), "WORLD_SIZE")]
    public void Every_launcher_has_a_variable_for_the_number_of_processes(string launcher, string expected)
        => Assert.Equal(expected, new LaunchEnvironment(Enum.Parse<Launcher>(launcher), 0, 1, 0, 1).SizeVariable);

    private static string Half(string set, string missing)
        => $"{set} is set, and {missing} is not; expected both of them, or neither.";

    private static string NoNumber(string name, string text) => $"{name} is '{text}'; expected a whole number from 0 on.";

    private static string Contradiction(string both)
        => $"{both}; expected the same of both. Unset those of the launcher that did not start this process.";

    /// <summary>Environments as text, NAME=value with blanks between.</summary>
    private static class Env
    {
        public static LaunchEnvironment Read(string variables)
        {
            Dictionary<string, string> all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            return LaunchEnvironment.Read(name => all.GetValueOrDefault(name));
        }

        public static string OpenMpi(int rank, int size, int local, int locals)
            => $"OMPI_COMM_WORLD_RANK={rank} OMPI_COMM_WORLD_SIZE={size} OMPI_COMM_WORLD_LOCAL_RANK={local} "
                + $"OMPI_COMM_WORLD_LOCAL_SIZE={locals} ";

        public static string Mpich(int rank, int size, int local, int locals)
            => $"PMI_RANK={rank} PMI_SIZE={size} MPI_LOCALRANKID={local} MPI_LOCALNRANKS={locals} ";

        public static string Torchrun(int rank, int size, int local, int locals)
            => $"RANK={rank} WORLD_SIZE={size} LOCAL_RANK={local} LOCAL_WORLD_SIZE={locals} ";

        public static string Slurm(int rank, int size, int local, string locals)
            => $"SLURM_STEP_ID=0 SLURM_PROCID={rank} SLURM_STEP_NUM_TASKS={size} SLURM_LOCALID={local} SLURM_NTASKS_PER_NODE={locals} ";
    }
}
