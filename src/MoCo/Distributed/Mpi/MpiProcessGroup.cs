namespace MoCo.Distributed.Mpi;

/// <summary>Ranks on CPUs, joined by MPI's world.</summary>
/// <remarks>MPI is initialised once in a process, and finalised at the end of a process that has called
/// <see cref="ProcessGroup.Complete"/> and ends with code 0: any other aborts the job, since a rank that finalises while others still call
/// hangs all of them.</remarks>
internal sealed unsafe class MpiProcessGroup : JoinedGroup
{
    private static readonly Lock Joining = new();
    private static MpiProcessGroup? joined;

    private readonly MpiLibrary mpi;

    private MpiProcessGroup(MpiLibrary mpi, LaunchEnvironment launched, CollectiveWatch watch)
        : base(launched)
    {
        (this.mpi, Watch) = (mpi, watch);
        EndWithTheProcess();
    }

    private protected override Device Place => CPU;

    private protected override string Library => mpi.Version;

    private protected override CollectiveWatch Watch { get; }

    /// <summary>Initialises MPI, the first time.</summary>
    /// <exception cref="ProcessGroupException">There is no library, it fails, or it is not that of the launcher.</exception>
    public static MpiProcessGroup Join(LaunchEnvironment launched, TimeSpan patience)
    {
        lock (Joining) return joined ??= JoinFirst(launched, patience);
    }

    private protected override void Meet() => Check("barrier", () => 0);

    private protected override int WaitForAll() => MpiWait.ForAll(mpi);

    private protected override void Leave()
    {
    }

    /// <summary>MPICH's launcher loses the exit codes of some processes that have finalised; all ranks are here, and nothing waits for
    /// them.</summary>
    private protected override void LeaveAtExit(int code) => _ = code == 0 ? mpi.Finalize() : mpi.Abort(mpi.World, code);

    private protected override void Break(int code) => _ = mpi.Abort(mpi.World, code);

    private protected override string Describe(int code) => mpi.Describe(code);

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

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows) => Call("all-to-all", Larger(sent, received), _ =>
    {
        (int[] sentBytes, int[] receivedBytes) = rows.BytesOf(received);
        fixed (byte* from = sent.bytes, to = received.bytes)
        fixed (int* sentCounts = sentBytes, sentStarts = Starts(sentBytes))
        fixed (int* receivedCounts = receivedBytes, receivedStarts = Starts(receivedBytes))
            return mpi.AllToAll((nint)from, sentCounts, sentStarts, mpi.Byte, (nint)to, receivedCounts,
                receivedStarts, mpi.Byte, mpi.World);
    }, alike: false);

    private static MpiProcessGroup JoinFirst(LaunchEnvironment launched, TimeSpan patience)
    {
        MpiLibrary mpi = MpiLibrary.Load(launched.Launcher);
        int threads = 0, rank = 0, size = 0;
        CollectiveWatch watch = new(patience);
        int code = watch.During($"Rank {launched.Rank}: MPI's initialisation", () => Initialise(mpi, out threads));
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
        return new MpiProcessGroup(mpi, launched, watch);
    }

    private static int Initialise(MpiLibrary mpi, out int threads)
    {
        int allowed = 0, code = mpi.InitThread(0, 0, MpiLibrary.Serialized, &allowed);
        threads = allowed;
        return code;
    }

    private static int[] Starts(int[] lengths)
    {
        int[] starts = new int[lengths.Length];
        for (int i = 1; i < lengths.Length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
        return starts;
    }
}
