using MoCo.Distributed.Mpi;
using MoCo.Tensors.Cuda;

namespace MoCo.Distributed.Nccl;

/// <summary>Ranks on GPUs, one each, joined by NCCL.</summary>
/// <remarks>A call only enqueues, in the stream that libtorch works in; the watch looks at an event behind it, and at the errors that NCCL
/// meets by itself. This rank's GPU becomes the current one of threads that call.
/// <para>Where an MPI launcher has started the ranks, MPI carries the id, and stays joined to end the job when a rank fails. Else an exit
/// code that is not 0 does: torchrun ends the other ranks, srun with <c>--kill-on-bad-exit=1</c>.</para>
/// <para>Untested: two ranks or more on GPUs, several machines, an abort while other ranks wait, torchrun and srun as launchers. Tests run
/// ranks against a stand-in in memory, which follows nccl.h, and one rank on one GPU where there is one.</para></remarks>
internal sealed unsafe class NcclProcessGroup : JoinedGroup
{
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(5);
    private static readonly Lock Joining = new();
    private static NcclProcessGroup? joined;

    private readonly NcclLibrary nccl;
    private readonly CudaRuntime cuda;
    private readonly ProcessGroup? launcher;
    private readonly Lock holding = new();
    private nint comm; // 0 once it is let go of

    /// <summary>Joins the ranks; returns when all have come.</summary>
    /// <param name="nccl">NCCL.</param>
    /// <param name="cuda">CUDA's runtime.</param>
    /// <param name="launched">Which rank of how many this is.</param>
    /// <param name="device">Its GPU.</param>
    /// <param name="id">What rank 0 has made.</param>
    /// <param name="patience">How long a call may take.</param>
    /// <param name="launcher">The group that completes with this one, if any.</param>
    /// <param name="end">Told what hung; null writes it to the error output, aborts and ends the process with code 70.</param>
    internal NcclProcessGroup(NcclLibrary nccl, CudaRuntime cuda, LaunchEnvironment launched, Device device, UniqueId id,
        TimeSpan patience, ProcessGroup? launcher = null, Action<string>? end = null)
        : base(launched)
    {
        (this.nccl, this.cuda, this.launcher, Place) = (nccl, cuda, launcher, device);
        Watch = new CollectiveWatch(patience, end ?? EndProcess, AsynchronousError);
        cuda.SetDevice(device.index);
        nint made = 0;
        int code = Watch.During($"Rank {Rank}: the joining of {Size} ranks", () =>
        {
            nint comm = 0;
            int code = nccl.CommInitRank(&comm, launched.Size, id, launched.Rank);
            made = comm;
            return code;
        });
        if (code == 0)
        {
            comm = made;
            return;
        }
        Watch.Stop();
        throw new ProcessGroupException($"Rank {Rank} on {device} cannot join {Size} ranks by {nccl.Version}: {nccl.Describe(code)}.");
    }

    private protected override Device Place { get; }

    private protected override string Library => nccl.Version;

    private protected override CollectiveWatch Watch { get; }

    private nint Stream => cuda.CurrentStream(Place.index);

    /// <summary>Joins the ranks that a launcher has started, the first time.</summary>
    /// <exception cref="ProcessGroupException">The GPU is none or not this rank's own, a library is missing, or the ranks do not
    /// meet.</exception>
    public static NcclProcessGroup Join(LaunchEnvironment launched, Device device, TimeSpan patience)
    {
        lock (Joining) return joined ??= JoinFirst(launched, device, patience);
    }

    /// <summary>The number of a rank's GPU.</summary>
    /// <param name="launched">Which rank of how many this is.</param>
    /// <param name="device">What it was given.</param>
    /// <param name="gpus">How many it sees.</param>
    internal static int GpuOf(LaunchEnvironment launched, Device device, int gpus)
    {
        if (gpus == 0)
            throw new ProcessGroupException(
                $"The device is {device}, and libtorch sees no GPU; expected one for each rank, and the libtorch for its CUDA.");
        if (device.index >= gpus)
            throw new ProcessGroupException(
                $"The device is {device}, and this rank sees {gpus} GPUs; expected cuda:0 to cuda:{gpus - 1}, which is cuda:0 where the "
                + "launcher shows every rank its own.");
        if (device.index < 0 && gpus > 1 && launched.LocalSize > 1)
            throw new ProcessGroupException(
                $"The device is {device} without a number, and {launched.LocalSize} ranks of this machine see {gpus} GPUs; expected "
                + $"cuda:{launched.LocalRank}, the local rank's.");
        return Math.Max(device.index, 0);
    }

    private protected override void Gather(Tensor input, Tensor output) => Call("all-gather", input, bytes =>
        nccl.AllGather(CudaTensors.Address(input), CudaTensors.Address(output), (nuint)bytes, NcclLibrary.Byte, comm, Stream));

    private protected override void Add(Tensor values)
    {
        int type = NcclLibrary.TypeOf(values.dtype);
        Call("all-reduce", values, _ => Reduce(values, type));
    }

    private protected override void Send(Tensor values) => Call("broadcast", values, bytes =>
    {
        nint place = CudaTensors.Address(values);
        return nccl.Broadcast(place, place, (nuint)bytes, NcclLibrary.Byte, 0, comm, Stream);
    });

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows) => Call("all-to-all", Larger(sent, received), _ =>
    {
        (int[] sentBytes, int[] receivedBytes) = rows.BytesOf(received);
        (nint from, nint to, nint stream) = (CudaTensors.Address(sent), CudaTensors.Address(received), Stream);
        int code = nccl.GroupStart();
        for (int peer = 0; peer < Size && code == 0; peer++)
        {
            if (sentBytes[peer] > 0) code = nccl.Send(from, (nuint)sentBytes[peer], NcclLibrary.Byte, peer, comm, stream);
            if (code == 0 && receivedBytes[peer] > 0)
                code = nccl.Receive(to, (nuint)receivedBytes[peer], NcclLibrary.Byte, peer, comm, stream);
            (from, to) = (from + sentBytes[peer], to + receivedBytes[peer]);
        }
        int ended = nccl.GroupEnd(); // also after an error: else no later call would begin
        return code != 0 ? code : ended;
    });

    private protected override Tensor OnDevice(Tensor numbers) => numbers.to(Place);

    private protected override Func<bool>? Mark() => cuda.Mark(Place.index, Stream);

    private protected override void Meet()
    {
        using Tensor one = ones(1, device: Place);
        Call("barrier", one, _ => Reduce(one, NcclLibrary.TypeOf(one.dtype)));
        one.cpu().Dispose(); // waits for the GPU
    }

    private protected override void Leave()
    {
        nint ended = Release();
        // What goes wrong from here on concerns no training.
        Watch.During($"Rank {Rank}: the end", () => nccl.CommDestroy(ended));
        launcher?.Complete();
    }

    // Where there is MPI, it has ended the process before this is called, or the launcher sees to it.
    private protected override void Break(int code)
    {
        // It may itself wait for what hangs.
        Thread aborting = new(Abort) { IsBackground = true };
        aborting.Start();
        aborting.Join(AbortPatience);
        CollectiveWatch.ExitNow(code);
    }

    private protected override string Describe(int code) => nccl.Describe(code, comm);

    /// <summary>Ends what the GPU does for this group, and the group. For tests.</summary>
    internal void Abort()
    {
        nint ended = Release();
        if (ended != 0) _ = nccl.CommAbort(ended);
    }

    private static NcclProcessGroup JoinFirst(LaunchEnvironment launched, Device device, TimeSpan patience)
    {
        Device gpu = new(DeviceType.CUDA, GpuOf(launched, device, torch.cuda.is_available() ? torch.cuda.device_count() : 0));
        (NcclLibrary nccl, CudaRuntime runtime) = (NcclLibrary.Load(), CudaRuntime.Load());
        ProcessGroup? mpi = launched.IsMpi ? MpiProcessGroup.Join(launched, patience) : null;
        Rendezvous? meeting = mpi is null ? Rendezvous.Read(launched, patience) : null;
        byte[] id = launched.Rank == 0 ? MakeId(nccl) : new byte[UniqueId.Length];
        if (meeting is not null) id = meeting.Share(id);
        else
        {
            using Tensor bytes = tensor(id);
            mpi!.Broadcast(bytes);
            id = bytes.data<byte>().ToArray();
        }
        NcclProcessGroup group = new(nccl, runtime, launched, gpu, UniqueId.From(id), patience, mpi);
        group.EndWithTheProcess();
        return group;
    }

    private static byte[] MakeId(NcclLibrary nccl)
    {
        UniqueId id = default(UniqueId);
        int code = nccl.GetUniqueId(&id);
        return code == 0 ? id.ToArray()
            : throw new ProcessGroupException($"{nccl.Version} cannot make the id that ranks join with: {nccl.Describe(code)}.");
    }

    private int Reduce(Tensor values, int type)
    {
        nint place = CudaTensors.Address(values);
        return nccl.AllReduce(place, place, (nuint)values.numel(), type, NcclLibrary.Sum, comm, Stream);
    }

    private string? AsynchronousError()
    {
        lock (holding)
        {
            if (comm == 0) return null;
            int told = 0;
            int code = nccl.CommGetAsyncError(comm, &told);
            return (code, told) is (0, 0 or NcclLibrary.InProgress) ? null : nccl.Describe(code != 0 ? code : told, comm);
        }
    }

    private nint Release()
    {
        lock (holding)
        {
            nint held = comm;
            comm = 0;
            return held;
        }
    }

    private void EndProcess(string message)
    {
        Console.Error.WriteLine(message);
        Break(BrokenExitCode);
    }
}
