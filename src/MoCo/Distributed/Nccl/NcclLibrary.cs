using System.Runtime.InteropServices;

namespace MoCo.Distributed.Nccl;

/// <summary>NCCL's functions: from the CUDA libtorch, which has them built in or loads them, else from the system's library.</summary>
/// <remarks>Signatures and numbers as in nccl.h 2.7 and later. Each gives a status, 0 for success.</remarks>
internal sealed unsafe class NcclLibrary
{
    public const int Sum = 0; // ncclSum
    public const int Byte = 1; // ncclUint8
    public const int InProgress = 7; // ncclInProgress

    private const string Override = "MOCO_NCCL";

    private readonly delegate* unmanaged[Cdecl]<int, nint> errorString;
    private readonly delegate* unmanaged[Cdecl]<nint, nint> lastError;

    /// <param name="file">Where the functions are from.</param>
    /// <param name="find">A function's address, 0 where there is none.</param>
    internal NcclLibrary(string file, Func<string, nint> find)
    {
        int version = 0;
        int code = ((delegate* unmanaged[Cdecl]<int*, int>)Function("ncclGetVersion"))(&version);
        Version = $"NCCL {(code == 0 ? VersionText(version) : "of an unknown version")} ({file})";

        GetUniqueId = (delegate* unmanaged[Cdecl]<UniqueId*, int>)Function("ncclGetUniqueId");
        CommInitRank = (delegate* unmanaged[Cdecl]<nint*, int, UniqueId, int, int>)Function("ncclCommInitRank");
        CommDestroy = (delegate* unmanaged[Cdecl]<nint, int>)Function("ncclCommDestroy");
        CommAbort = (delegate* unmanaged[Cdecl]<nint, int>)Function("ncclCommAbort");
        CommGetAsyncError = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("ncclCommGetAsyncError");
        AllReduce = (delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int>)Function("ncclAllReduce");
        AllGather = (delegate* unmanaged[Cdecl]<nint, nint, nuint, int, nint, nint, int>)Function("ncclAllGather");
        Broadcast = (delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int>)Function("ncclBroadcast");
        Send = (delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int>)Function("ncclSend");
        Receive = (delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int>)Function("ncclRecv");
        GroupStart = (delegate* unmanaged[Cdecl]<int>)Function("ncclGroupStart");
        GroupEnd = (delegate* unmanaged[Cdecl]<int>)Function("ncclGroupEnd");
        errorString = (delegate* unmanaged[Cdecl]<int, nint>)Function("ncclGetErrorString");
        lastError = (delegate* unmanaged[Cdecl]<nint, nint>)find("ncclGetLastError"); // from 2.13 on

        nint Function(string name) => find(name) is not 0 and nint address ? address
            : throw new ProcessGroupException($"{file} has no {name}; expected NCCL 2.10 or later.");
    }

    /// <summary>Its name, version and file, such as "NCCL 2.27.5 (libnccl.so.2)".</summary>
    public string Version { get; }

    public delegate* unmanaged[Cdecl]<UniqueId*, int> GetUniqueId { get; }

    /// <summary>(comm, ranks, id, rank).</summary>
    public delegate* unmanaged[Cdecl]<nint*, int, UniqueId, int, int> CommInitRank { get; }

    public delegate* unmanaged[Cdecl]<nint, int> CommDestroy { get; }

    public delegate* unmanaged[Cdecl]<nint, int> CommAbort { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> CommGetAsyncError { get; }

    /// <summary>(from, to, count, type, operation, comm, stream).</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int> AllReduce { get; }

    /// <summary>(from, to, count of each rank, type, comm, stream).</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, nuint, int, nint, nint, int> AllGather { get; }

    /// <summary>(from, to, count, type, root, comm, stream).</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, nuint, int, int, nint, nint, int> Broadcast { get; }

    /// <summary>(from, count, type, peer, comm, stream).</summary>
    public delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int> Send { get; }

    /// <summary>(to, count, type, peer, comm, stream).</summary>
    public delegate* unmanaged[Cdecl]<nint, nuint, int, int, nint, nint, int> Receive { get; }

    public delegate* unmanaged[Cdecl]<int> GroupStart { get; }

    public delegate* unmanaged[Cdecl]<int> GroupEnd { get; }

    /// <summary>Finds the functions; <c>MOCO_NCCL</c> names the file to take.</summary>
    /// <exception cref="ProcessGroupException">They are nowhere.</exception>
    public static NcclLibrary Load()
    {
        (nint library, string file) = SharedObject.First("ncclCommInitRank", FilesFor(Environment.GetEnvironmentVariable(Override)),
            "NCCL, by which ranks on GPUs talk, is not to be found",
            $"Install libnccl2 for the CUDA of this libtorch, or name its file in {Override}.");
        return new NcclLibrary(file, name => SharedObject.Function(library, name));
    }

    /// <summary>The files to try, in turn.</summary>
    internal static string[] FilesFor(string? given) => given is { Length: > 0 } ? [given] : [CudaRuntime.Torch, "libnccl.so.2"];

    /// <summary>A version as people write it: its number is major·1,000 + minor·100 + patch before 2.9, major·10,000 + … from then
    /// on.</summary>
    internal static string VersionText(int code)
    {
        int major = code < 10_000 ? 1_000 : 10_000;
        return Invariant($"{code / major}.{code % major / 100}.{code % 100}");
    }

    /// <summary>NCCL's number of a type that it can add.</summary>
    public static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Int64 => 4,
        ScalarType.Float16 => 6,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        ScalarType.BFloat16 => 9,
        _ => throw new NotSupportedException(
            $"The all-reduce is of {type}; expected Float32, Float64, Int64, BFloat16 or Float16."),
    };

    /// <summary>What a status means, with NCCL's own last words.</summary>
    public string Describe(int code, nint comm = 0)
    {
        string meaning = Text(errorString(code)) ?? Invariant($"error {code}");
        return lastError != null && Text(lastError(comm)) is { Length: > 0 } words ? $"{meaning} ({words})" : meaning;
    }

    private static string? Text(nint words) => Marshal.PtrToStringUTF8(words)?.Trim();
}
