using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Work on libtorch's own threads: those of GNU's OpenMP, which wait for the next of its operators by turning round, so that
/// threads of .NET's beside them would want the same cores.</summary>
/// <remarks>Known where libtorch_cpu.so brings GNU's OpenMP, as its builds for Linux do.</remarks>
internal static unsafe class TorchThreads
{
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Parallel;
    private static readonly delegate* unmanaged<int> ThreadNumber;
    private static readonly delegate* unmanaged<int> ThreadCount;

#pragma warning disable CA1810 // Three entries of one library are found together or not at all.
    static TorchThreads()
#pragma warning restore CA1810
    {
        TorchLibrary.Load();
        nint library = OperatingSystem.IsLinux() ? TensorMemory.Loaded("libtorch_cpu.so") : 0;
        if (library == 0
            || !NativeLibrary.TryGetExport(library, "GOMP_parallel", out nint parallel)
            || !NativeLibrary.TryGetExport(library, "omp_get_thread_num", out nint number)
            || !NativeLibrary.TryGetExport(library, "omp_get_num_threads", out nint count))
            return;
        ThreadNumber = (delegate* unmanaged<int>)number;
        ThreadCount = (delegate* unmanaged<int>)count;
        Parallel = (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)parallel;
    }

    /// <summary>Whether libtorch's threads can be reached.</summary>
    public static bool AreKnown => Parallel != null;

    /// <summary>Does parts 0 … <paramref name="parts"/> − 1 of a work side by side, each on one thread.</summary>
    /// <param name="parts">How many; as many threads at most.</param>
    /// <param name="work">Does a part; must not throw.</param>
    public static void Run(int parts, Action<int> work)
    {
        if (parts == 1)
        {
            work(0);
            return;
        }
        Job job = new(work, parts);
        GCHandle handle = GCHandle.Alloc(job);
        // A smaller team than the last would end the threads that are too many, and the next operator would start them again.
        Parallel(&DoParts, (void*)GCHandle.ToIntPtr(handle), (uint)Math.Max(parts, get_num_threads()), 0);
        handle.Free();
    }

    [UnmanagedCallersOnly]
    private static void DoParts(void* handle)
    {
        Job job = (Job)GCHandle.FromIntPtr((nint)handle).Target!;
        int threads = ThreadCount();
        for (int part = ThreadNumber(); part < job.Parts; part += threads) job.Work(part);
    }

    private sealed record Job(Action<int> Work, int Parts);
}
