using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoCo.Imaging.Formats;

/// <summary>Drops the alpha of pixels, as PIL's <c>convert("RGB")</c> does.</summary>
internal static class RgbaPixels
{
    private const int Vector = 16;

    /// <summary>Copies red, green and blue.</summary>
    /// <param name="rgba">Pixels of four bytes.</param>
    /// <param name="rgb">At least three quarters as long; may begin where <paramref name="rgba"/> does.</param>
    internal static void ToRgb(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        (int from, int to, int pixels) = (0, 0, rgba.Length / 4);
        if (rgb.Length < pixels * 3) throw new ArgumentException($"Expected {pixels * 3} bytes, found {rgb.Length}.", nameof(rgb));
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80);
            ref byte source = ref MemoryMarshal.GetReference(rgba);
            ref byte target = ref MemoryMarshal.GetReference(rgb);
            // Each vector writes four bytes too many, which the next ones overwrite.
            for (; from + Vector <= rgba.Length && to + Vector <= pixels * 3; from += Vector, to += 12)
                Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)from), order).StoreUnsafe(ref target, (nuint)to);
        }
        for (; from + 3 < rgba.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
    }
}
