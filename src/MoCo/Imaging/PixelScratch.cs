using System.Buffers;
using System.Runtime.InteropServices;

namespace MoCo.Imaging;

/// <summary>Memory for one image's bytes on their way: from the shared pool, which keeps it for the next; if it is large, from the system,
/// which has it back at once and not when the collector next comes by.</summary>
internal readonly unsafe ref struct PixelScratch
{
    private const int LargestKept = 16 << 20;

    private readonly byte[]? kept;
    private readonly byte* large;

    public PixelScratch(int length)
    {
        if (length <= LargestKept) Pixels = kept = ArrayPool<byte>.Shared.Rent(length);
        else Pixels = new(large = (byte*)NativeMemory.Alloc((nuint)length), length);
        Pixels = Pixels[..length];
    }

    public Span<byte> Pixels { get; }

    public void Dispose()
    {
        if (kept is not null) ArrayPool<byte>.Shared.Return(kept);
        NativeMemory.Free(large);
    }
}
