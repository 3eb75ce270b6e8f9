namespace MoCo.Distributed;

/// <summary>Which of how many processes this one is, by the variables that launchers set: known before anything is loaded or
/// connected.</summary>
public sealed record LaunchEnvironment
{
    private static readonly Names[] Known =
    [
        new(Launcher.OpenMpi, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        new(Launcher.Mpich, "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
        new(Launcher.Torchrun, "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    ];

    // A batch script has these variables too, and its commands are no tasks of a step.
    private static readonly Names Slurm
        = new(Launcher.Slurm, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE");

    internal LaunchEnvironment(Launcher launcher, int rank, int size, int localRank, int localSize) =>
        (Launcher, Rank, Size, LocalRank, LocalSize) = (launcher, rank, size, localRank, localSize);

    /// <summary>One process that nothing has launched.</summary>
    public static LaunchEnvironment Alone { get; } = new(Launcher.None, 0, 1, 0, 1);

    /// <summary>Who started the processes, for messages: <c>OpenMpi</c>, <c>Mpich</c> (or what is made from it), <c>Slurm</c>,
    /// <c>Torchrun</c> (or whatever sets its variables); <c>None</c> where this one is alone.</summary>
    public string StartedBy => Launcher.ToString();

    /// <summary>Whether an MPI started them, so that they can be joined before anything is known of GPUs.</summary>
    public bool IsMpi => Launcher is Launcher.OpenMpi or Launcher.Mpich;

    /// <summary>This process, 0 … <see cref="Size"/> − 1.</summary>
    public int Rank { get; }

    /// <summary>The processes in all.</summary>
    public int Size { get; }

    /// <summary>This process among those of its machine.</summary>
    public int LocalRank { get; }

    /// <summary>Those of its machine; where the launcher does not tell, all of them.</summary>
    public int LocalSize { get; }

    internal Launcher Launcher { get; }

    /// <summary>The variable that says how many processes there are.</summary>
    internal string SizeVariable => Known.Append(Slurm).FirstOrDefault(names => names.Launcher == Launcher)?.Size ?? "";

    /// <summary>Reads the environment. MPI's and torchrun's variables come before SLURM's, whose steps may have started a launcher on every
    /// machine.</summary>
    /// <exception cref="ProcessGroupException">Variables are set by half, are no numbers, or contradict each other.</exception>
    public static LaunchEnvironment Read() => Read(Environment.GetEnvironmentVariable);

    internal static LaunchEnvironment Read(Func<string, string?> variable)
    {
        LaunchEnvironment? found = null;
        foreach (Names names in Known)
        {
            if (names.Read(variable) is not { } told) continue;
            if (found is null) found = told;
            else if ((found.Rank, found.Size) != (told.Rank, told.Size))
                throw new ProcessGroupException(
                    $"{Stated(found)}, and {Stated(told)}; expected the same of both. Unset those of the launcher that did not start this "
                    + "process.");
        }
        if (found is null && !string.IsNullOrEmpty(variable("SLURM_STEP_ID"))) found = Slurm.Read(variable);
        return found ?? Alone;

        static string Stated(LaunchEnvironment told)
        {
            Names names = Known.First(names => names.Launcher == told.Launcher);
            return Invariant($"{names.Rank} is {told.Rank} and {names.Size} {told.Size}");
        }
    }

    /// <summary>Tasks on a machine by SLURM's list, such as 4(x2),3: four on each of two, three on the next.</summary>
    private static int? TasksOf(string? list, int node)
    {
        foreach (string part in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.TrimEnd(')').Split("(x");
            if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int tasks)) return null;
            int machines = 1;
            if (words.Length == 2 && !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out machines)) return null;
            if (node < machines) return tasks;
            node -= machines;
        }
        return null;
    }

    private sealed record Names(Launcher Launcher, string Rank, string Size, string LocalRank, string LocalSize)
    {
        public LaunchEnvironment? Read(Func<string, string?> variable)
        {
            (string? rankText, string? sizeText) = (variable(Rank), variable(Size));
            if (string.IsNullOrEmpty(rankText) && string.IsNullOrEmpty(sizeText)) return null;
            (int rank, int size) = (Number(Rank, Size), Number(Size, Rank));
            if (size < 1) throw new ProcessGroupException($"{Size} is {size}; expected 1 or more.");
            if (rank >= size) throw new ProcessGroupException($"{Rank} is {rank}; expected 0 to {size - 1}, as {Size} is {size}.");
            if (PlaceInStep(variable) is { } place) return new LaunchEnvironment(Launcher, rank, size, place.Rank, place.Size);
            int locals = int.TryParse(variable(LocalSize), NumberStyles.None, CultureInfo.InvariantCulture, out int told) ? told : size;
            int local = string.IsNullOrEmpty(variable(LocalRank)) ? rank % Math.Max(1, locals) : Number(LocalRank, LocalSize);
            return new LaunchEnvironment(Launcher, rank, size, local, Math.Max(locals, local + 1));

            // Of a step of SLURM's tasks themselves, not of a launcher that the step has started.
            (int Rank, int Size)? PlaceInStep(Func<string, string?> variable)
            {
                bool isStep = !string.IsNullOrEmpty(variable("SLURM_STEP_ID")) && string.IsNullOrEmpty(variable("MPI_LOCALRANKID"));
                if (!isStep || Launcher is not (Launcher.Slurm or Launcher.Mpich)) return null;
                if (!int.TryParse(variable("SLURM_LOCALID"), NumberStyles.None, CultureInfo.InvariantCulture, out int own)) return null;
                _ = int.TryParse(variable("SLURM_NODEID"), NumberStyles.None, CultureInfo.InvariantCulture, out int node);
                return TasksOf(variable("SLURM_STEP_TASKS_PER_NODE"), node) is { } tasks && own < tasks ? (own, tasks) : null;
            }

            int Number(string name, string beside)
            {
                string? text = variable(name);
                if (string.IsNullOrEmpty(text))
                    throw new ProcessGroupException($"{beside} is set, and {name} is not; expected both of them, or neither.");
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
                    : throw new ProcessGroupException($"{name} is '{text}'; expected a whole number from 0 on.");
            }
        }
    }
}

/// <summary>What started this process.</summary>
internal enum Launcher
{
    /// <summary>Nothing that starts many: the process trains alone.</summary>
    None,

    /// <summary><c>mpirun</c> of Open MPI.</summary>
    OpenMpi,

    /// <summary><c>mpiexec</c> of MPICH or of what is made from it.</summary>
    Mpich,

    /// <summary><c>srun</c>.</summary>
    Slurm,

    /// <summary><c>torchrun</c>, or whatever sets its variables.</summary>
    Torchrun,
}
