using System.Runtime.InteropServices;

namespace MoCo.Distributed.Mpi;

/// <summary>The functions and constants of an MPI library: Open MPI's, whose handles are addresses of its own symbols, or MPICH's, whose
/// handles are numbers that the MPICH ABI fixes.</summary>
/// <remarks>A handle is passed in a register or an 8-byte place of the stack, of which MPICH reads the lower half, so one set of function
/// pointers serves both.</remarks>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>The level of thread support that is asked for: one thread at a time.</summary>
    public const int Serialized = 2;

    private const string Override = "MOCO_MPI";

    private readonly nint library;

    private MpiLibrary(nint library, string path)
    {
        (this.library, Path) = (library, path);
        byte* text = stackalloc byte[8192]; // MPI_MAX_LIBRARY_VERSION_STRING: 8,192 in MPICH, 256 in Open MPI
        int length = 0;
        ((delegate* unmanaged[Cdecl]<byte*, int*, int>)Function("MPI_Get_library_version"))(text, &length);
        string version = Marshal.PtrToStringUTF8((nint)text, Math.Max(0, length)).TrimEnd('\0');
        IsOpenMpi = version.StartsWith("Open MPI", StringComparison.Ordinal);
        Version = version.Split('\n')[0].Split(',')[0].Trim();

        World = IsOpenMpi ? Symbol("ompi_mpi_comm_world") : 0x44000000;
        Byte = IsOpenMpi ? Symbol("ompi_mpi_byte") : 0x4c00010d;
        Float = IsOpenMpi ? Symbol("ompi_mpi_float") : 0x4c00040a;
        Double = IsOpenMpi ? Symbol("ompi_mpi_double") : 0x4c00080b;
        Int64 = IsOpenMpi ? Symbol("ompi_mpi_int64_t") : 0x4c00083a;
        Sum = IsOpenMpi ? Symbol("ompi_mpi_op_sum") : 0x58000003;
        InPlace = IsOpenMpi ? 1 : -1;
        ErrorsReturn = IsOpenMpi ? Symbol("ompi_mpi_errors_return") : 0x54000001;
        StatusIgnore = IsOpenMpi ? 0 : 1;

        InitThread = (delegate* unmanaged[Cdecl]<nint, nint, int, int*, int>)Function("MPI_Init_thread");
        SetErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        CommRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        CommSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        AllReduce = (delegate* unmanaged[Cdecl]<nint, nint, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        AllGather = (delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, int>)Function("MPI_Allgather");
        AllToAll = (delegate* unmanaged[Cdecl]<nint, int*, int*, nint, nint, int*, int*, nint, nint, int>)Function("MPI_Alltoallv");
        Broadcast = (delegate* unmanaged[Cdecl]<nint, int, nint, int, nint, int>)Function("MPI_Bcast");
        BeginBarrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("MPI_Ibarrier");
        Test = (delegate* unmanaged[Cdecl]<nint*, int*, nint, int>)Function("MPI_Test");
        Finalize = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
    }

    /// <summary>The file that was asked for.</summary>
    public string Path { get; }

    /// <summary>As the library calls itself, such as "Open MPI v4.1.4".</summary>
    public string Version { get; }

    public bool IsOpenMpi { get; }

    public nint World { get; }

    public nint Byte { get; }

    public nint Float { get; }

    public nint Double { get; }

    public nint Int64 { get; }

    public nint Sum { get; }

    public nint InPlace { get; }

    public nint ErrorsReturn { get; }

    public nint StatusIgnore { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, int, int*, int> InitThread { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, int> SetErrorHandler { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> CommRank { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> CommSize { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, int, nint, nint, nint, int> AllReduce { get; }

    public delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, int> AllGather { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int*, nint, nint, int*, int*, nint, nint, int> AllToAll { get; }

    public delegate* unmanaged[Cdecl]<nint, int, nint, int, nint, int> Broadcast { get; }

    public delegate* unmanaged[Cdecl]<nint, nint*, int> BeginBarrier { get; }

    public delegate* unmanaged[Cdecl]<nint*, int*, nint, int> Test { get; }

    public delegate* unmanaged[Cdecl]<int> Finalize { get; }

    public delegate* unmanaged[Cdecl]<nint, int, int> Abort { get; }

    /// <summary>Loads the library of a launcher; <c>MOCO_MPI</c> names another file.</summary>
    /// <exception cref="ProcessGroupException">There is none.</exception>
    public static MpiLibrary Load(Launcher launcher)
    {
        // MPICH's transport (UCX) would take signals that the runtime turns into exceptions, Open MPI those that it prints traces for.
        SetUnlessSet("UCX_ERROR_SIGNALS", "");
        SetUnlessSet("OMPI_MCA_opal_signal", "6");
        (nint library, string file) = SharedObject.First("MPI_Get_library_version",
            NamesFor(launcher, Environment.GetEnvironmentVariable(Override)), "No MPI library can be loaded",
            $"Install the launcher's (Debian: libopenmpi3 or libmpich12), or name its file in {Override}.",
            isGlobal: true); // Open MPI's plugins look for its symbols
        return new MpiLibrary(library, file);
    }

    /// <summary>The files to try, in turn.</summary>
    internal static string[] NamesFor(Launcher launcher, string? given) => (launcher, given) switch
    {
        (_, { Length: > 0 } file) => [file],
        (Launcher.OpenMpi, _) => ["libmpi.so.40"],
        (Launcher.Mpich, _) => ["libmpich.so.12", "libmpi.so.12"],
        _ => ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12"],
    };

    /// <summary>What an error code means.</summary>
    public string Describe(int code)
    {
        byte* text = stackalloc byte[1024];
        int length = 0;
        int told = ((delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Function("MPI_Error_string"))(code, text, &length);
        return told == 0 ? Marshal.PtrToStringUTF8((nint)text, length) : Invariant($"error {code}");
    }

    private nint Function(string name) => Symbol(name);

    private nint Symbol(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address
        : throw new ProcessGroupException($"{Path} has no {name}; expected Open MPI 4 or 5, or MPICH 3.1 or later.");

    private static void SetUnlessSet(string name, string value) => _ = SetVariable(name, value, 0);

    // .NET's own environment is a copy, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int replace);
}
