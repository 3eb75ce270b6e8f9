using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Keeps glibc's heap near the size of what lives in it, while libtorch allocates and frees a step's activations.</summary>
/// <remarks>Left alone, glibc raises the size from which a block gets pages of its own to 32 MiB, as such blocks are freed. Smaller
/// activations then share one heap with everything that is small and lives long, and a gap seldom fits the next aligned request exactly:
/// the heap goes on growing for some steps, and what lies free at its end is given back and taken again, a page fault for each page. A
/// fixed size bounds the first, since large blocks go back to the system; it must not be low, or they fault in every step; what is kept
/// ends the second. Threads get heaps of their own, up to eight a processor, each of which keeps what was freed in it: loaders, whose
/// threads live for an epoch, came to use one after the other, some 10 MB each. Gaps inside a heap stay with the process for ever: what an
/// evaluation or a checkpoint leaves between two epochs adds up over hours, unless they are given back. glibc's options belong to the
/// process: whoever sets them by environment variables, or sets the switch <see cref="SwitchName"/> to false before libtorch is loaded, is
/// left alone. Other C libraries and systems are not touched.</remarks>
internal static partial class NativeHeap
{
    /// <summary>The <see cref="AppContext"/> switch; true where it is not set.</summary>
    public const string SwitchName = "MoCo.TuneNativeHeap";

    /// <summary>Bytes from which a block gets pages of its own.</summary>
    internal const int LargeBlock = 12 << 20;

    /// <summary>Free bytes at the heap's end that are kept: fixing <see cref="LargeBlock"/> would leave 128 KiB.</summary>
    internal const int KeptFree = 64 << 20;

    /// <summary>The most heaps of threads; so many that workers that decode do not wait for one another.</summary>
    internal static readonly int MostArenas = Math.Clamp(Environment.ProcessorCount, 2, 8);

    // malloc.h
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private static readonly string[] Variables =
        ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_MMAP_MAX_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"];

    private static long trimmed = Stopwatch.GetTimestamp();

    private static readonly Lazy<bool> Done = new(() => IsWanted(Environment.GetEnvironmentVariable) && Set());

    /// <summary>To be called before libtorch allocates; acts once.</summary>
    /// <returns>Whether glibc took the options.</returns>
    public static bool Tune() => Done.Value;

    /// <summary>Gives the pages of all gaps back to the system, if that was not done within the last minute: for moments between pieces of
    /// work, an epoch's end. The next piece takes some of them again, a page fault each.</summary>
    public static void Trim()
    {
        if (Stopwatch.GetElapsedTime(trimmed) >= Between) TrimNow();
    }

    /// <summary>Does it at once.</summary>
    internal static void TrimNow()
    {
        TensorMemory.Pool?.Trim();
        if (Tune()) _ = TrimHeaps(0);
        trimmed = Stopwatch.GetTimestamp();
    }

    /// <summary>Whether neither the switch nor an environment variable decides otherwise.</summary>
    internal static bool IsWanted(Func<string, string?> variable)
        => (!AppContext.TryGetSwitch(SwitchName, out bool wanted) || wanted)
            && Array.TrueForAll(Variables, name => string.IsNullOrEmpty(variable(name)));

    private static bool Set()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Option(MmapThreshold, LargeBlock) != 0 && Option(TrimThreshold, KeptFree) != 0 && Option(ArenaMax, MostArenas) != 0;
        }
        catch (Exception cause) when (cause is EntryPointNotFoundException or DllNotFoundException)
        {
            return false; // musl
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimHeaps(nuint kept);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Option(int parameter, int value);
}
