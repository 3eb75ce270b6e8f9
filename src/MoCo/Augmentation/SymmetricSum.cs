using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation;

/// <summary>Weighted sums of pairs of rows that lie symmetrically about a centre, on 16-bit values.</summary>
/// <remarks>A level is 64 units, so that the sum of a pair still fits 16 bits; a product is rounded to a unit. Vectors of any
/// width and the scalar path give the same values.</remarks>
internal static unsafe class SymmetricSum
{
    internal const int FractionBits = 6;
    private const short White = 255 << FractionBits;
    private const short Half = 1 << (FractionBits - 1);

    /// <summary>Whether vectors are used; tests compare with the scalar path.</summary>
    private static bool HasVectors => Ssse3.IsSupported || AdvSimd.IsSupported;

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
    internal static void ToShorts(short** before, short** after, short* weights, int radius, short* into, int length)
    {
        var x = 0;
        for (; Avx2.IsSupported && x <= length - Vector256<short>.Count; x += Vector256<short>.Count)
            Vector256.Min(Sum256(before, after, weights, radius, x), Vector256.Create(White)).Store(into + x);
        for (; HasVectors && x <= length - Vector128<short>.Count; x += Vector128<short>.Count)
            Vector128.Min(Sum128(before, after, weights, radius, x), Vector128.Create(White)).Store(into + x);
        for (; x < length; x++)
            into[x] = Math.Min(Sum(before, after, weights, radius, x), White);
    }

    /// <summary>Sums rounded to levels.</summary>
    internal static void ToBytes(short** before, short** after, short* weights, int radius, byte* into, int length)
    {
        var x = 0;
        for (; Avx2.IsSupported && x <= length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            var low = Vector256.Min(Sum256(before, after, weights, radius, x), Vector256.Create(White)) + Vector256.Create(Half);
            var high = Vector256.Min(Sum256(before, after, weights, radius, x + Vector256<short>.Count), Vector256.Create(White)) + Vector256.Create(Half);
            Vector256.Narrow((low >>> FractionBits).AsUInt16(), (high >>> FractionBits).AsUInt16()).Store(into + x);
        }

        for (; HasVectors && x <= length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            var low = Vector128.Min(Sum128(before, after, weights, radius, x), Vector128.Create(White)) + Vector128.Create(Half);
            var high = Vector128.Min(Sum128(before, after, weights, radius, x + Vector128<short>.Count), Vector128.Create(White)) + Vector128.Create(Half);
            Vector128.Narrow((low >>> FractionBits).AsUInt16(), (high >>> FractionBits).AsUInt16()).Store(into + x);
        }

        for (; x < length; x++)
            into[x] = (byte)((Math.Min(Sum(before, after, weights, radius, x), White) + Half) >> FractionBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Sum256(short** before, short** after, short* weights, int radius, int x)
    {
        var sum = Avx2.MultiplyHighRoundScale(Vector256.Load(before[0] + x), Vector256.Create(weights[0]));
        for (var i = 1; i <= radius; i++)
            sum += Avx2.MultiplyHighRoundScale(Vector256.Load(before[i] + x) + Vector256.Load(after[i] + x), Vector256.Create(weights[i]));
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Sum128(short** before, short** after, short* weights, int radius, int x)
    {
        var sum = Product(Vector128.Load(before[0] + x), Vector128.Create(weights[0]));
        for (var i = 1; i <= radius; i++)
            sum += Product(Vector128.Load(before[i] + x) + Vector128.Load(after[i] + x), Vector128.Create(weights[i]));
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Product(Vector128<short> values, Vector128<short> weights) => Ssse3.IsSupported
        ? Ssse3.MultiplyHighRoundScale(values, weights)
        : AdvSimd.MultiplyRoundedDoublingSaturateHigh(values, weights);

    private static short Sum(short** before, short** after, short* weights, int radius, int x)
    {
        var sum = Product(before[0][x], weights[0]);
        for (var i = 1; i <= radius; i++)
            sum += Product(before[i][x] + after[i][x], weights[i]);
        return (short)sum;
    }

    private static int Product(int value, int weight) => ((value * weight) + (1 << 14)) >> 15;
}
