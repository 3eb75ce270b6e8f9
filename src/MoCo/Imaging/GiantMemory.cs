using System.Collections.Concurrent;

namespace MoCo.Imaging;

/// <summary>Memory that large files and images have left, for the next one. Whoever met a giant would hold its memory for good, and new
/// memory for each would pile up, since the collector comes by seldom; it may have what lies here.</summary>
/// <param name="largestKept">Bytes up to which memory is no giant's and stays where it is.</param>
internal sealed class GiantMemory(int largestKept)
{
    private readonly ConcurrentBag<WeakReference<byte[]>> left = [];

    /// <summary>Memory for so many bytes, with any content.</summary>
    public byte[] Take(int bytes)
    {
        while (bytes > largestKept && left.TryTake(out WeakReference<byte[]>? reference))
            if (reference.TryGetTarget(out byte[]? found) && found.Length >= bytes) return found;
        return GC.AllocateUninitializedArray<byte>(bytes);
    }

    /// <summary>Takes a giant's memory away from who has it.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Leave(ref byte[] memory)
    {
        if (memory.Length <= largestKept) return false;
        left.Add(new WeakReference<byte[]>(memory));
        memory = [];
        return true;
    }
}
