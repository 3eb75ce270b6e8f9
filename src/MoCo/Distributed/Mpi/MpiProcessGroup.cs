namespace MoCo.Distributed.Mpi;

/// <summary>Ranks on CPUs, joined by MPI's world.</summary>
/// <remarks>MPI is initialised once in a process, and finalised by <see cref="Complete"/> alone: a process that ends otherwise aborts the
/// job, since a rank that finalises while others still call hangs all of them.</remarks>
internal sealed unsafe class MpiProcessGroup : ProcessGroup
{
    private static readonly Lock Joining = new();
    private static MpiProcessGroup? joined;

    private readonly MpiLibrary mpi;
    private readonly CollectiveWatch watch;
    private readonly Lock calling = new();
    private bool completed;

    private MpiProcessGroup(MpiLibrary mpi, int rank, int size, LaunchEnvironment launched, TimeSpan patience)
    {
        (this.mpi, Rank, Size, LocalRank, LocalSize) = (mpi, rank, size, launched.LocalRank, launched.LocalSize);
        watch = new CollectiveWatch(patience);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
    }

    public override int Rank { get; }

    public override int Size { get; }

    public override int LocalRank { get; }

    public override int LocalSize { get; }

    /// <summary>Initialises MPI, the first time.</summary>
    /// <exception cref="ProcessGroupException">There is no library, it fails, or it is not that of the launcher.</exception>
    public static MpiProcessGroup Join(LaunchEnvironment launched, TimeSpan patience)
    {
        lock (Joining) return joined ??= JoinFirst(launched, patience);
    }

    public override void Complete()
    {
        lock (calling)
        {
            if (completed) return;
            Check("barrier", "MPI_Barrier", () => mpi.Barrier(mpi.World));
            completed = true;
            watch.Stop();
            _ = mpi.Finalize();
        }
    }

    private protected override void Gather(Tensor input, Tensor output) => Call("all-gather", input, bytes =>
    {
        fixed (byte* from = input.bytes, to = output.bytes)
            return mpi.AllGather((nint)from, bytes, mpi.Byte, (nint)to, bytes, mpi.Byte, mpi.World);
    });

    private protected override void Add(Tensor values)
    {
        nint type = values.dtype switch
        {
            ScalarType.Float32 => mpi.Float,
            ScalarType.Float64 => mpi.Double,
            ScalarType.Int64 => mpi.Int64,
            ScalarType other => throw new NotSupportedException($"The all-reduce is of {other}; expected Float32, Float64 or Int64."),
        };
        Call("all-reduce", values, _ =>
        {
            fixed (byte* place = values.bytes)
                return mpi.AllReduce(mpi.InPlace, (nint)place, (int)values.numel(), type, mpi.Sum, mpi.World);
        });
    }

    private protected override void Send(Tensor values) => Call("broadcast", values, bytes =>
    {
        fixed (byte* place = values.bytes) return mpi.Broadcast((nint)place, bytes, mpi.Byte, 0, mpi.World);
    });

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows) => Call("all-to-all", received, _ =>
    {
        int row = (int)(received.ElementSize * received.shape[1..].Aggregate(1L, (product, side) => product * side));
        (int[] sentBytes, int[] receivedBytes) = ([.. rows.Sent.Select(n => n * row)], [.. rows.Received.Select(n => n * row)]);
        fixed (byte* from = sent.bytes, to = received.bytes)
        fixed (int* sentCounts = sentBytes, sentStarts = Starts(sentBytes))
        fixed (int* receivedCounts = receivedBytes, receivedStarts = Starts(receivedBytes))
            return mpi.AllToAll((nint)from, sentCounts, sentStarts, mpi.Byte, (nint)to, receivedCounts,
                receivedStarts, mpi.Byte, mpi.World);
    });

    private static MpiProcessGroup JoinFirst(LaunchEnvironment launched, TimeSpan patience)
    {
        MpiLibrary mpi = MpiLibrary.Load(launched.Launcher);
        int threads = 0, rank = 0, size = 0;
        int code = mpi.InitThread(0, 0, MpiLibrary.Serialized, &threads);
        if (code != 0) throw new ProcessGroupException($"{mpi.Version} could not be initialised: {mpi.Describe(code)}.");
        // Before anything else: by default MPI ends the process itself.
        _ = mpi.SetErrorHandler(mpi.World, mpi.ErrorsReturn);
        _ = mpi.CommRank(mpi.World, &rank);
        _ = mpi.CommSize(mpi.World, &size);
        if ((rank, size) != (launched.Rank, launched.Size))
        {
            _ = mpi.Finalize();
            throw new ProcessGroupException(
                $"{launched.SizeVariable} says {launched.Size} processes, and {mpi.Version} ({mpi.Path}) knows {size}: it is not the "
                + "library "
                + "of what launched this process. Launch with its own mpirun, or name the launcher's library in MOCO_MPI"
                + (launched.Launcher == Launcher.Slurm ? " (srun joins its tasks with --mpi=pmix for Open MPI, --mpi=pmi2 for MPICH)."
                    : "."));
        }
        if (threads < MpiLibrary.Serialized)
            throw new ProcessGroupException(
                $"{mpi.Version} allows thread level {threads}; expected {MpiLibrary.Serialized} (MPI_THREAD_SERIALIZED).");
        return new MpiProcessGroup(mpi, rank, size, launched, patience);
    }

    private void Call(string call, Tensor values, Func<int, int> run)
    {
        if (values.device_type != DeviceType.CPU)
            throw new ArgumentException($"The {call} is of a tensor on {values.device}; expected the CPU, where ranks talk by MPI.");
        if (values.numel() == 0) return;
        lock (calling)
        {
            if (completed) throw new InvalidOperationException($"The {call} comes after {nameof(Complete)}, which ends the common work.");
            string text = $"{call} of {string.Join("×", values.shape)} {values.dtype}";
            Check(text, text, () => run((int)(values.numel() * values.ElementSize)));
        }
    }

    private void Check(string call, string what, Func<int> run)
    {
        int code = watch.During($"Rank {Rank}: the {call}", run);
        if (code != 0) throw new ProcessGroupException($"Rank {Rank}: {what} failed in {mpi.Version}: {mpi.Describe(code)}.");
    }

    /// <summary>The process ends, by whatever way comes here: an exit code that is not 0, or work that was not completed, ends
    /// all.</summary>
    private void End()
    {
        if (!completed) _ = mpi.Abort(mpi.World, Environment.ExitCode is 0 ? BrokenExitCode : Environment.ExitCode);
    }

    private static int[] Starts(int[] lengths)
    {
        int[] starts = new int[lengths.Length];
        for (int i = 1; i < lengths.Length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
        return starts;
    }
}
