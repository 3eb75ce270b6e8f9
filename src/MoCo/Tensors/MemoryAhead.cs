using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Tensors;

/// <summary>Asks for memory that a pass over it comes to soon: the processor's own guesses end with each page of 4 KiB, so that a pass over
/// some tensors at a time waits at every page of each. What does not fit into the caches takes two thirds of the time so.</summary>
internal static unsafe class MemoryAhead
{
    /// <summary>How far ahead of a pass, in float32 numbers: a page. From 512 to 2,048 it made no difference.</summary>
    public const int Numbers = 1024;

    /// <summary>Asks for the line of memory at an address, which may be beyond what there is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* at)
    {
        if (Sse.IsSupported) Sse.Prefetch0(at);
    }
}
