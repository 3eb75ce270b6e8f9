using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Color;

/// <summary>What operations that treat every value alike (brightness, contrast of a known mean, solarisation) make of each of the 256
/// values. Where the machine looks up 64 bytes at once, several such operations cost as little as one.</summary>
internal static class ToneCurve
{
    internal const int Length = 256;

    /// <summary>Whether looking up is faster than computing.</summary>
    internal static bool IsFast => Avx512Vbmi.IsSupported;

    internal static bool Serves(ColorOperationKind kind) =>
        kind is ColorOperationKind.Brightness or ColorOperationKind.Contrast or ColorOperationKind.Solarize;

    /// <summary>Every value in order: the curve that changes nothing.</summary>
    internal static void Reset(Span<byte> curve)
    {
        for (int value = 0; value < curve.Length; value++) curve[value] = (byte)value;
    }

    /// <summary>Looks up every value of a plane.</summary>
    internal static void Apply(ReadOnlySpan<byte> curve, Span<byte> plane)
    {
        ref byte values = ref MemoryMarshal.GetReference(plane);
        nuint i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            nuint step = (nuint)Vector512<byte>.Count;
            (Vector512<byte> first, Vector512<byte> second) = (Vector512.Create(curve), Vector512.Create(curve[64..]));
            (Vector512<byte> third, Vector512<byte> fourth) = (Vector512.Create(curve[128..]), Vector512.Create(curve[192..]));
            for (; i + step <= (nuint)plane.Length; i += step)
            {
                // The permutations read seven bits; the eighth, the sign, says which half of the curve is meant.
                Vector512<byte> index = Vector512.LoadUnsafe(ref values, i);
                Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(first, index, second);
                Vector512<byte> high = Avx512Vbmi.PermuteVar64x8x2(third, index, fourth);
                Vector512<byte> upper = Vector512.LessThan(index.AsSByte(), Vector512<sbyte>.Zero).AsByte();
                Vector512.ConditionalSelect(upper, high, low).StoreUnsafe(ref values, i);
            }
        }
        foreach (ref byte value in plane[(int)i..]) value = curve[value];
    }
}
