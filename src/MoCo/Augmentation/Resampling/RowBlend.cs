using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Resampling;

/// <summary>Weighted sums of an image's rows, byte by byte: the same weights for a whole row, so that vectors run along it.</summary>
/// <remarks>A product is a level times a 16-bit weight, cut to 8 bits after the point, where sums stay within 16 bits; half a unit for each
/// product makes up for the cutting. Vectors of any width and the scalar path give the same bytes.</remarks>
internal static unsafe class RowBlend
{
    internal const int FractionBits = 16;

    /// <summary>Above so many rows the cutting would show: then the sums are of 32 bits.</summary>
    internal const int LongestShortSum = 64;

    /// <param name="first">The first row.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="weights">One for each row, that sum to 1 &lt;&lt; <see cref="FractionBits"/>.</param>
    /// <param name="into">Receives the blended row.</param>
    /// <param name="length">Bytes of a row.</param>
    internal static void Blend(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        if (weights.Length == 1)
        {
            Unsafe.CopyBlock(into, first, (uint)length);
            return;
        }
        if (weights.Length > LongestShortSum) BlendLong(first, stride, weights, into, length);
        else if (Avx512BW.IsSupported && length >= Vector512<byte>.Count) Blend512(first, stride, weights, into, length);
        else if (Avx2.IsSupported && length >= Vector256<byte>.Count) Blend256(first, stride, weights, into, length);
        else if (Vector128.IsHardwareAccelerated && length >= Vector128<byte>.Count) Blend128(first, stride, weights, into, length);
        else BlendScalar(first, stride, weights, into, length);
    }

    internal static void BlendScalar(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        for (int x = 0; x < length; x++)
        {
            int sum = Rounding(weights.Length);
            for (int i = 0; i < weights.Length; i++) sum += (first[x + (i * stride)] * Math.Min(weights[i], ushort.MaxValue)) >> 8;
            into[x] = (byte)(sum >> 8);
        }
    }

    private static int Rounding(int count) => 128 + (count / 2);

    /// <summary>Each weight twice in 32 bits: that is what a processor spreads over a vector without shuffling.</summary>
    private static void Twice(ReadOnlySpan<int> weights, uint* into)
    {
        for (int i = 0; i < weights.Length; i++) into[i] = (uint)Math.Min(weights[i], ushort.MaxValue) * 0x10001;
    }

    [SkipLocalsInit]
    internal static void Blend512(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        uint* twice = stackalloc uint[LongestShortSum];
        Twice(weights, twice);
        Vector512<ushort> rounding = Vector512.Create((ushort)Rounding(weights.Length));
        for (int x = 0; x < length; x += Vector512<byte>.Count)
        {
            // The last vector overlaps the one before: both give the same bytes there.
            x = Math.Min(x, length - Vector512<byte>.Count);
            (Vector512<ushort> low, Vector512<ushort> high) = (rounding, rounding);
            byte* row = first + x;
            for (int i = 0; i < weights.Length; i++, row += stride)
            {
                Vector512<ushort> weight = Vector512.Create(twice[i]).AsUInt16();
                Vector512<byte> levels = Vector512.Load(row);
                low += Avx512BW.MultiplyHigh(Avx512BW.UnpackLow(Vector512<byte>.Zero, levels).AsUInt16(), weight);
                high += Avx512BW.MultiplyHigh(Avx512BW.UnpackHigh(Vector512<byte>.Zero, levels).AsUInt16(), weight);
            }
            Avx512BW.PackUnsignedSaturate((low >>> 8).AsInt16(), (high >>> 8).AsInt16()).Store(into + x);
        }
    }

    [SkipLocalsInit]
    internal static void Blend256(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        uint* twice = stackalloc uint[LongestShortSum];
        Twice(weights, twice);
        Vector256<ushort> rounding = Vector256.Create((ushort)Rounding(weights.Length));
        for (int x = 0; x < length; x += Vector256<byte>.Count)
        {
            x = Math.Min(x, length - Vector256<byte>.Count);
            (Vector256<ushort> low, Vector256<ushort> high) = (rounding, rounding);
            byte* row = first + x;
            for (int i = 0; i < weights.Length; i++, row += stride)
            {
                Vector256<ushort> weight = Vector256.Create(twice[i]).AsUInt16();
                Vector256<byte> levels = Vector256.Load(row);
                low += Avx2.MultiplyHigh(Avx2.UnpackLow(Vector256<byte>.Zero, levels).AsUInt16(), weight);
                high += Avx2.MultiplyHigh(Avx2.UnpackHigh(Vector256<byte>.Zero, levels).AsUInt16(), weight);
            }
            Avx2.PackUnsignedSaturate((low >>> 8).AsInt16(), (high >>> 8).AsInt16()).Store(into + x);
        }
    }

    [SkipLocalsInit]
    internal static void Blend128(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        uint* twice = stackalloc uint[LongestShortSum];
        Twice(weights, twice);
        Vector128<ushort> rounding = Vector128.Create((ushort)Rounding(weights.Length));
        for (int x = 0; x < length; x += Vector128<byte>.Count)
        {
            x = Math.Min(x, length - Vector128<byte>.Count);
            (Vector128<ushort> low, Vector128<ushort> high) = (rounding, rounding);
            byte* row = first + x;
            for (int i = 0; i < weights.Length; i++, row += stride)
            {
                Vector128<uint> weight = Vector128.Create(twice[i] & 0xFFFF);
                (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Vector128.Load(row));
                low += Product(lower, weight);
                high += Product(upper, weight);
            }
            Vector128.Narrow(low >>> 8, high >>> 8).Store(into + x);
        }
    }

    private static Vector128<ushort> Product(Vector128<ushort> levels, Vector128<uint> weight)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(levels);
        return Vector128.Narrow((low * weight) >>> 8, (high * weight) >>> 8);
    }

    private static void BlendLong(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length)
    {
        const uint Half = 1 << (FractionBits - 1);
        int x = 0;
        for (; Vector128.IsHardwareAccelerated && x <= length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<uint> sum0 = Vector128.Create(Half);
            Vector128<uint> sum1 = sum0, sum2 = sum0, sum3 = sum0;
            byte* row = first + x;
            foreach (int value in weights)
            {
                Vector128<uint> weight = Vector128.Create((uint)value);
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(row));
                (Vector128<uint> levels0, Vector128<uint> levels1) = Vector128.Widen(low);
                (Vector128<uint> levels2, Vector128<uint> levels3) = Vector128.Widen(high);
                sum0 += levels0 * weight;
                sum1 += levels1 * weight;
                sum2 += levels2 * weight;
                sum3 += levels3 * weight;
                row += stride;
            }
            Vector128<ushort> lower = Vector128.Narrow(sum0 >>> FractionBits, sum1 >>> FractionBits);
            Vector128<ushort> upper = Vector128.Narrow(sum2 >>> FractionBits, sum3 >>> FractionBits);
            Vector128.Narrow(lower, upper).Store(into + x);
        }
        for (; x < length; x++)
        {
            uint sum = Half;
            for (int i = 0; i < weights.Length; i++) sum += (uint)(first[x + (i * stride)] * weights[i]);
            into[x] = (byte)(sum >> FractionBits);
        }
    }
}
