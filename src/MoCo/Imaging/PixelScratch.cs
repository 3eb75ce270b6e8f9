using System.Buffers;

namespace MoCo.Imaging;

/// <summary>Memory for one image's pixels on their way: from the shared pool, which keeps it for the next, unless it is large.</summary>
internal readonly ref struct PixelScratch
{
    private const int LargestKept = 16 << 20;

    private readonly byte[] memory;

    public PixelScratch(int length)
    {
        memory = length <= LargestKept ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        Pixels = memory.AsSpan(0, length);
    }

    public Span<byte> Pixels { get; }

    public void Dispose()
    {
        if (Pixels.Length <= LargestKept) ArrayPool<byte>.Shared.Return(memory);
    }
}
