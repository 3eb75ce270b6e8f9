using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation;

/// <summary>Weighted sums of pairs of rows that lie symmetrically about a centre, on 16-bit values.</summary>
/// <remarks>A level is 64 units, so that the sum of a pair still fits 16 bits; a product is rounded to a unit. Vectors of any
/// width and the scalar path give the same values. The last vector of a row overlaps the one before: both give the same
/// values there.</remarks>
internal static unsafe class SymmetricSum
{
    internal const int FractionBits = 6;
    private const short White = 255 << FractionBits;
    private const short Half = 1 << (FractionBits - 1);

    /// <summary>Levels to units.</summary>
    internal static void Widen(byte* row, short* into, int length)
    {
        var x = 0;
        for (; Vector256.IsHardwareAccelerated && x <= length - Vector256<short>.Count; x += Vector256<short>.Count)
            (Vector256.WidenLower(Vector128.Load(row + x).ToVector256Unsafe()).AsInt16() << FractionBits).Store(into + x);
        for (; x < length; x++)
            into[x] = (short)(row[x] << FractionBits);
    }

    /// <summary>Sums in units.</summary>
    internal static void ToShorts(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        var start = 0;
        if (Avx512BW.IsSupported && length >= 2 * Vector512<short>.Count)
        {
            for (var x = 0; x < length; x += 2 * Vector512<short>.Count)
            {
                x = Math.Min(x, length - (2 * Vector512<short>.Count));
                Sum(before, after, weights, radius, x, out Vector512<short> low, out Vector512<short> high);
                low.Store(into + x);
                high.Store(into + x + Vector512<short>.Count);
            }

            start = length;
        }
        else if (Avx2.IsSupported && length >= 2 * Vector256<short>.Count)
        {
            for (var x = 0; x < length; x += 2 * Vector256<short>.Count)
            {
                x = Math.Min(x, length - (2 * Vector256<short>.Count));
                Sum(before, after, weights, radius, x, out Vector256<short> low, out Vector256<short> high);
                low.Store(into + x);
                high.Store(into + x + Vector256<short>.Count);
            }

            start = length;
        }
        else if ((Ssse3.IsSupported || AdvSimd.IsSupported) && length >= Vector128<short>.Count)
        {
            for (var x = 0; x < length; x += Vector128<short>.Count)
            {
                x = Math.Min(x, length - Vector128<short>.Count);
                Sum(before, after, weights, radius, x).Store(into + x);
            }

            start = length;
        }

        for (var x = start; x < length; x++)
            into[x] = SumScalar(before, after, weights, radius, x);
    }

    /// <summary>Units rounded to levels.</summary>
    internal static void Narrow(short* row, byte* into, int length)
    {
        var x = 0;
        for (; Vector256.IsHardwareAccelerated && x <= length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            var low = (Vector256.Load(row + x) + Vector256.Create(Half)) >>> FractionBits;
            var high = (Vector256.Load(row + x + Vector256<short>.Count) + Vector256.Create(Half)) >>> FractionBits;
            Vector256.Narrow(low.AsUInt16(), high.AsUInt16()).Store(into + x);
        }

        for (; x < length; x++)
            into[x] = (byte)((row[x] + Half) >> FractionBits);
    }

    internal static short SumScalar(short** before, short** after, int* weights, int radius, int x)
    {
        var sum = Product(before[0][x], (short)weights[0]);
        for (var i = 1; i <= radius; i++)
            sum += Product(before[i][x] + after[i][x], (short)weights[i]);
        return (short)Math.Min(sum, White);
    }

    private static int Product(int value, int weight) => ((value * weight) + (1 << 14)) >> 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum(short** before, short** after, int* weights, int radius, int x, out Vector512<short> low, out Vector512<short> high)
    {
        var weight = Vector512.Create(weights[0]).AsInt16();
        low = Avx512BW.MultiplyHighRoundScale(Vector512.Load(before[0] + x), weight);
        high = Avx512BW.MultiplyHighRoundScale(Vector512.Load(before[0] + x + Vector512<short>.Count), weight);
        for (var i = 1; i <= radius; i++)
        {
            var (left, right) = ((nint)(before[i] + x), (nint)(after[i] + x));
            weight = Vector512.Create(weights[i]).AsInt16();
            low += Avx512BW.MultiplyHighRoundScale(Vector512.Load((short*)left) + Vector512.Load((short*)right), weight);
            high += Avx512BW.MultiplyHighRoundScale(Vector512.Load((short*)left + Vector512<short>.Count) + Vector512.Load((short*)right + Vector512<short>.Count), weight);
        }

        low = Vector512.Min(low, Vector512.Create(White));
        high = Vector512.Min(high, Vector512.Create(White));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum(short** before, short** after, int* weights, int radius, int x, out Vector256<short> low, out Vector256<short> high)
    {
        var weight = Vector256.Create(weights[0]).AsInt16();
        low = Avx2.MultiplyHighRoundScale(Vector256.Load(before[0] + x), weight);
        high = Avx2.MultiplyHighRoundScale(Vector256.Load(before[0] + x + Vector256<short>.Count), weight);
        for (var i = 1; i <= radius; i++)
        {
            var (left, right) = ((nint)(before[i] + x), (nint)(after[i] + x));
            weight = Vector256.Create(weights[i]).AsInt16();
            low += Avx2.MultiplyHighRoundScale(Vector256.Load((short*)left) + Vector256.Load((short*)right), weight);
            high += Avx2.MultiplyHighRoundScale(Vector256.Load((short*)left + Vector256<short>.Count) + Vector256.Load((short*)right + Vector256<short>.Count), weight);
        }

        low = Vector256.Min(low, Vector256.Create(White));
        high = Vector256.Min(high, Vector256.Create(White));
    }

    private static Vector128<short> Sum(short** before, short** after, int* weights, int radius, int x)
    {
        var sum = Product(Vector128.Load(before[0] + x), Vector128.Create((short)weights[0]));
        for (var i = 1; i <= radius; i++)
            sum += Product(Vector128.Load(before[i] + x) + Vector128.Load(after[i] + x), Vector128.Create((short)weights[i]));
        return Vector128.Min(sum, Vector128.Create(White));
    }

    private static Vector128<short> Product(Vector128<short> values, Vector128<short> weights) => Ssse3.IsSupported
        ? Ssse3.MultiplyHighRoundScale(values, weights)
        : AdvSimd.MultiplyRoundedDoublingSaturateHigh(values, weights);
}
