using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MoCo.Distributed;
using MoCo.Distributed.Nccl;

namespace MoCo.Tests.Distributed.Nccl;

/// <summary>NCCL and CUDA's runtime for tensors in the host's memory: ranks are threads, every call is done when it returns. Arguments are
/// in nccl.h's order and are checked.</summary>
internal static unsafe class StandIn
{
    private const int InvalidArgument = 4, InternalError = 3, NotReady = 600;

    private static readonly ConcurrentDictionary<byte, ThreadGroup.Exchanger> Worlds = new();
    private static readonly List<(ThreadGroup.Exchanger World, int Rank)> Comms = [];
    private static readonly nint Words = Marshal.StringToCoTaskMemUTF8("stand-in's words");
    private static byte ids = 1;

    [ThreadStatic]
    private static List<Part>? group;

    private static readonly Dictionary<string, nint> Functions = new()
    {
        ["ncclGetVersion"] = (nint)(delegate* unmanaged[Cdecl]<int*, int>)&GetVersion,
        ["ncclGetUniqueId"] = (nint)(delegate* unmanaged[Cdecl]<UniqueId*, int>)&GetUniqueId,
        ["ncclCommInitRank"] = (nint)(delegate* unmanaged[Cdecl]<nint*, int, UniqueId, int, int>)&CommInitRank,
        ["ncclCommDestroy"] = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&CommDestroy,
        ["ncclCommAbort"] = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&CommAbort,
        ["ncclCommGetAsyncError"] = (nint)(delegate* unmanaged[Cdecl]<nint, int*, int>)&CommGetAsyncError,
        ["ncclAllReduce"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int>)&AllReduce,
        ["ncclAllGather"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, int, nint, nint, int>)&AllGather,
        ["ncclBroadcast"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int>)&Broadcast,
        ["ncclSend"] = (nint)(delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int>)&Send,
        ["ncclRecv"] = (nint)(delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int>)&Receive,
        ["ncclGroupStart"] = (nint)(delegate* unmanaged[Cdecl]<int>)&GroupStart,
        ["ncclGroupEnd"] = (nint)(delegate* unmanaged[Cdecl]<int>)&GroupEnd,
        ["ncclGetErrorString"] = (nint)(delegate* unmanaged[Cdecl]<int, nint>)&ErrorString,
        ["ncclGetLastError"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&LastError,
        ["cudaSetDevice"] = (nint)(delegate* unmanaged[Cdecl]<int, int>)&SetDevice,
        ["cudaEventCreateWithFlags"] = (nint)(delegate* unmanaged[Cdecl]<nint*, uint, int>)&EventCreate,
        ["cudaEventRecord"] = (nint)(delegate* unmanaged[Cdecl]<nint, nint, int>)&EventRecord,
        ["cudaEventQuery"] = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&EventQuery,
        ["cudaEventDestroy"] = (nint)(delegate* unmanaged[Cdecl]<nint, int>)&EventDestroy,
        ["cudaGetErrorString"] = (nint)(delegate* unmanaged[Cdecl]<int, nint>)&ErrorString,
        ["aoti_torch_get_current_cuda_stream"] = (nint)(delegate* unmanaged[Cdecl]<int, nint*, int>)&CurrentStream,
    };

    private const nint Stream = 77;

    /// <summary>Whether the device has stopped: no event is reached.</summary>
    public static bool Hangs { get; set; }

    /// <summary>What <c>ncclCommGetAsyncError</c> tells.</summary>
    public static int AsynchronousError { get; set; }

    /// <summary>What the next all-reduces give.</summary>
    public static int ReduceStatus { get; set; }

    /// <summary>How many events there are.</summary>
    public static int Events;

    public static int Destroyed;

    public static int Aborted;

    /// <summary>The id that the last rank joined with, and how many ranks it named.</summary>
    public static (byte[] Id, int Ranks) Joined { get; private set; } = ([], 0);

    /// <summary>A function's address; 0 for one that is missing.</summary>
    public static nint Find(string name) => Functions.GetValueOrDefault(name);

    public static UniqueId NewId()
    {
        UniqueId id = default(UniqueId);
        _ = ((delegate* unmanaged[Cdecl]<UniqueId*, int>)Find("ncclGetUniqueId"))(&id);
        return id;
    }

    /// <summary>A rank.</summary>
    /// <param name="end">Told what hung; null: nothing comes of it, since the tests' process goes on.</param>
    /// <param name="mayEnd">Whether the process is the rank's own: then what hangs ends it.</param>
    public static NcclProcessGroup Join(int rank, int size, UniqueId id, TimeSpan? patience = null, ProcessGroup? launcher = null,
        Action<string>? end = null, bool mayEnd = false)
        => new(new NcclLibrary("stand-in", Find), new CudaRuntime("stand-in", Find),
            new LaunchEnvironment(Launcher.Torchrun, rank, size, rank, size), TorchSharp.torch.CPU, id,
            patience ?? TimeSpan.FromMinutes(1), launcher, mayEnd ? null : end ?? (_ => { }));

    /// <summary>Runs something on each of so many ranks.</summary>
    public static T[] Run<T>(int ranks, Func<NcclProcessGroup, T> work)
    {
        UniqueId id = NewId();
        byte world = id.ToArray()[0];
        return RankThreads.Run(ranks, rank =>
        {
            NcclProcessGroup group = Join(rank, ranks, id);
            T result = work(group);
            group.Complete();
            return result;
        }, () => Worlds[world].Stop());
    }

    private readonly record struct Part(bool IsSent, nint Place, int Bytes, int Peer, nint Comm);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetVersion(int* version)
    {
        *version = 22705;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetUniqueId(UniqueId* id)
    {
        lock (Comms) id->Bytes[0] = ids++;
        for (int i = 1; i < UniqueId.Length; i++) id->Bytes[i] = (byte)(i * 37);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CommInitRank(nint* comm, int ranks, UniqueId id, int rank)
    {
        if (rank < 0 || rank >= ranks) return InvalidArgument;
        ThreadGroup.Exchanger world = Worlds.GetOrAdd(id.Bytes[0], _ => new(ranks));
        lock (Comms)
        {
            Comms.Add((world, rank));
            *comm = Comms.Count;
            Joined = (id.ToArray(), ranks);
        }
        return Meet(*comm, rank, _ => { });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CommDestroy(nint comm) => comm == 0 ? InvalidArgument : Interlocked.Increment(ref Destroyed) * 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CommAbort(nint comm) => comm == 0 ? InvalidArgument : Interlocked.Increment(ref Aborted) * 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CommGetAsyncError(nint comm, int* error)
    {
        *error = AsynchronousError;
        return comm == 0 ? InvalidArgument : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AllReduce(nint from, nint to, nuint count, int type, int operation, nint comm, nint stream)
    {
        if (operation != 0 || stream != Stream) return InvalidArgument;
        if (ReduceStatus != 0) return ReduceStatus;
        return type switch
        {
            4 => Sum<long>(from, to, (int)count, comm),
            6 => Sum<Half>(from, to, (int)count, comm),
            7 => Sum<float>(from, to, (int)count, comm),
            8 => Sum<double>(from, to, (int)count, comm),
            _ => InvalidArgument,
        };
    }

    private static int Sum<T>(nint from, nint to, int count, nint comm)
        where T : unmanaged, System.Numerics.IAdditionOperators<T, T, T>
        => Meet(comm, new ReadOnlySpan<T>((void*)from, count).ToArray(), all =>
        {
            for (int i = 0; i < count; i++) ((T*)to)[i] = all.Select(values => values[i]).Aggregate((a, b) => a + b);
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AllGather(nint from, nint to, nuint count, int type, nint comm, nint stream)
    {
        if (type != 1 || stream != Stream) return InvalidArgument;
        return Meet(comm, Bytes(from, (int)count),
            all => all.SelectMany(bytes => bytes).ToArray().CopyTo(Target(to, (int)count * all.Length)));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Broadcast(nint from, nint to, nuint count, int type, int root, nint comm, nint stream)
    {
        if (type != 1 || stream != Stream) return InvalidArgument;
        return Meet(comm, Bytes(from, (int)count), all => all[root].CopyTo(Target(to, (int)count)));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Send(nint from, nuint count, int type, int peer, nint comm, nint stream)
        => Add(new Part(true, from, (int)count, peer, comm), type, stream);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Receive(nint to, nuint count, int type, int peer, nint comm, nint stream)
        => Add(new Part(false, to, (int)count, peer, comm), type, stream);

    private static int Add(Part part, int type, nint stream)
    {
        if (type != 1 || stream != Stream || group is null) return InvalidArgument;
        group.Add(part);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GroupStart()
    {
        group = [];
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GroupEnd()
    {
        List<Part> parts = group!;
        group = null;
        nint comm = parts[0].Comm;
        int rank = Comms[(int)comm - 1].Rank;
        return Meet(comm, parts.Where(part => part.IsSent).ToDictionary(part => part.Peer, part => Bytes(part.Place, part.Bytes)), all =>
        {
            foreach (Part part in parts.Where(part => !part.IsSent)) all[part.Peer][rank].CopyTo(Target(part.Place, part.Bytes));
        });
    }

    private static int Meet<T>(nint comm, T mine, Action<T[]> use)
    {
        try
        {
            (ThreadGroup.Exchanger world, int rank) = Comms[(int)comm - 1];
            world.Slots[rank] = mine!;
            world.Wait();
            use([.. world.Slots.Cast<T>()]);
            world.Wait();
            return 0;
        }
        catch (Exception)
        {
            return InternalError; // nothing may be thrown through unmanaged frames
        }
    }

    private static byte[] Bytes(nint from, int count) => new ReadOnlySpan<byte>((void*)from, count).ToArray();

    private static Span<byte> Target(nint to, int count) => new((void*)to, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint ErrorString(int code) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint LastError(nint comm) => Words;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SetDevice(int gpu) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventCreate(nint* made, uint flags)
    {
        *made = 5;
        Interlocked.Increment(ref Events);
        return flags == 2 ? 0 : InvalidArgument;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventRecord(nint mark, nint stream) => stream == Stream ? 0 : InvalidArgument;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventQuery(nint mark) => Hangs ? NotReady : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventDestroy(nint mark)
    {
        Interlocked.Decrement(ref Events);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CurrentStream(int gpu, nint* stream)
    {
        *stream = Stream;
        return 0;
    }
}
