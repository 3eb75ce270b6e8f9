using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoCo.Augmentation;

/// <summary>Red, green, blue, red, green, blue, … to three planes and back, sixteen pixels at a time.</summary>
/// <remarks>Byte b of three vectors belongs to channel b mod 3. As 3 and 16 have no common factor, a channel's sixteen bytes
/// stand in sixteen different lanes of the three vectors: they are merged first, then put in order by one shuffle.</remarks>
internal static class Interleaving
{
    private const int Block = 16;

    private static Vector128<byte> EveryThird0 => Vector128.Create((byte)255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255);

    private static Vector128<byte> EveryThird1 => Vector128.Create((byte)0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0);

    private static Vector128<byte> EveryThird2 => Vector128.Create((byte)0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0);

    /// <summary>Three planes of interleaved pixels.</summary>
    internal static void Split(ReadOnlySpan<byte> pixels, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref var source = ref MemoryMarshal.GetReference(pixels);
            for (; i + Block <= red.Length; i += Block)
            {
                var a = Vector128.LoadUnsafe(ref source, (nuint)(3 * i));
                var b = Vector128.LoadUnsafe(ref source, (nuint)((3 * i) + Block));
                var c = Vector128.LoadUnsafe(ref source, (nuint)((3 * i) + (2 * Block)));
                Vector128.Shuffle(Merge(a, c, b), Vector128.Create((byte)0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13)).StoreUnsafe(ref MemoryMarshal.GetReference(red), (nuint)i);
                Vector128.Shuffle(Merge(b, a, c), Vector128.Create((byte)1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14)).StoreUnsafe(ref MemoryMarshal.GetReference(green), (nuint)i);
                Vector128.Shuffle(Merge(c, b, a), Vector128.Create((byte)2, 5, 8, 11, 14, 1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15)).StoreUnsafe(ref MemoryMarshal.GetReference(blue), (nuint)i);
            }
        }

        for (; i < red.Length; i++)
            (red[i], green[i], blue[i]) = (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]);
    }

    /// <summary>Interleaved pixels of three planes.</summary>
    internal static void Join(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref var target = ref MemoryMarshal.GetReference(pixels);
            for (; i + Block <= red.Length; i += Block)
            {
                var r = Vector128.Shuffle(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(red), (nuint)i), Vector128.Create((byte)0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5));
                var g = Vector128.Shuffle(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(green), (nuint)i), Vector128.Create((byte)5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10));
                var b = Vector128.Shuffle(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(blue), (nuint)i), Vector128.Create((byte)10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15));
                Merge(r, g, b).StoreUnsafe(ref target, (nuint)(3 * i));
                Merge(g, b, r).StoreUnsafe(ref target, (nuint)((3 * i) + Block));
                Merge(b, r, g).StoreUnsafe(ref target, (nuint)((3 * i) + (2 * Block)));
            }
        }

        for (; i < red.Length; i++)
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (red[i], green[i], blue[i]);
    }

    /// <summary>Lanes 0, 3, 6, … of the first vector, 1, 4, 7, … of the second, 2, 5, 8, … of the third.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Merge(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) =>
        (first & EveryThird0) | (second & EveryThird1) | (third & EveryThird2);
}
