using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Blur;

/// <summary>Weighted sums of pairs of rows that lie symmetrically about a centre, on 16-bit values.</summary>
/// <remarks>A level is 64 units, so that the sum of a pair still fits 16 bits; a product is rounded to a unit. Vectors of any width and the
/// scalar path give the same values. The last vector of a row overlaps the one before: both give the same values there.</remarks>
internal static unsafe class SymmetricSum
{
    internal const int FractionBits = 6;
    private const short White = 255 << FractionBits;
    private const short Half = 1 << (FractionBits - 1);

    /// <summary>Levels to units.</summary>
    internal static void Widen(byte* row, short* into, int length)
    {
        int x = 0;
        for (; Vector256.IsHardwareAccelerated && x <= length - Vector256<short>.Count; x += Vector256<short>.Count)
            (Vector256.WidenLower(Vector128.Load(row + x).ToVector256Unsafe()).AsInt16() << FractionBits).Store(into + x);
        for (; x < length; x++) into[x] = (short)(row[x] << FractionBits);
    }

    /// <summary>Sums in units, for rows of <paramref name="length"/> values.</summary>
    /// <param name="before">The centre, then the rows at distance 1 … <paramref name="radius"/> before it.</param>
    /// <param name="after">The same after it.</param>
    /// <param name="weights"><see cref="BlurWeights.Values"/>.</param>
    /// <param name="radius">Rows on either side.</param>
    /// <param name="into">Receives the sums; none of the rows.</param>
    /// <param name="length">Values of a row.</param>
    internal static void Sum(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        if (Avx512BW.IsSupported && length >= 2 * Vector512<short>.Count) Sum512(before, after, weights, radius, into, length);
        else if (Avx2.IsSupported && length >= 2 * Vector256<short>.Count) Sum256(before, after, weights, radius, into, length);
        else if ((Ssse3.IsSupported || AdvSimd.IsSupported) && length >= Vector128<short>.Count)
            Sum128(before, after, weights, radius, into, length);
        else SumScalar(before, after, weights, radius, into, length);
    }

    /// <summary>Units rounded to levels.</summary>
    internal static void Narrow(short* row, byte* into, int length)
    {
        int x = 0;
        for (; Vector256.IsHardwareAccelerated && x <= length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            Vector256<short> low = (Vector256.Load(row + x) + Vector256.Create(Half)) >>> FractionBits;
            Vector256<short> high = (Vector256.Load(row + x + Vector256<short>.Count) + Vector256.Create(Half)) >>> FractionBits;
            Vector256.Narrow(low.AsUInt16(), high.AsUInt16()).Store(into + x);
        }
        for (; x < length; x++) into[x] = (byte)((row[x] + Half) >> FractionBits);
    }

    internal static void SumScalar(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        for (int x = 0; x < length; x++)
        {
            int sum = Product(before[0][x], (short)weights[0]);
            for (int i = 1; i <= radius; i++) sum += Product(before[i][x] + after[i][x], (short)weights[i]);
            into[x] = (short)Math.Min(sum, White);
        }
    }

    internal static void Sum512(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        int lanes = Vector512<short>.Count;
        for (int x = 0; x < length; x += 2 * lanes)
        {
            x = Math.Min(x, length - (2 * lanes));
            Vector512<short> weight = Vector512.Create(weights[0]).AsInt16();
            Vector512<short> low = Avx512BW.MultiplyHighRoundScale(Vector512.Load(before[0] + x), weight);
            Vector512<short> high = Avx512BW.MultiplyHighRoundScale(Vector512.Load(before[0] + x + lanes), weight);
            for (int i = 1; i <= radius; i++)
            {
                short* first = before[i] + x;
                short* second = after[i] + x;
                weight = Vector512.Create(weights[i]).AsInt16();
                low += Avx512BW.MultiplyHighRoundScale(Vector512.Load(first) + Vector512.Load(second), weight);
                high += Avx512BW.MultiplyHighRoundScale(Vector512.Load(first + lanes) + Vector512.Load(second + lanes), weight);
            }
            Vector512.Min(low, Vector512.Create(White)).Store(into + x);
            Vector512.Min(high, Vector512.Create(White)).Store(into + x + lanes);
        }
    }

    internal static void Sum256(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        int lanes = Vector256<short>.Count;
        for (int x = 0; x < length; x += 2 * lanes)
        {
            x = Math.Min(x, length - (2 * lanes));
            Vector256<short> weight = Vector256.Create(weights[0]).AsInt16();
            Vector256<short> low = Avx2.MultiplyHighRoundScale(Vector256.Load(before[0] + x), weight);
            Vector256<short> high = Avx2.MultiplyHighRoundScale(Vector256.Load(before[0] + x + lanes), weight);
            for (int i = 1; i <= radius; i++)
            {
                short* first = before[i] + x;
                short* second = after[i] + x;
                weight = Vector256.Create(weights[i]).AsInt16();
                low += Avx2.MultiplyHighRoundScale(Vector256.Load(first) + Vector256.Load(second), weight);
                high += Avx2.MultiplyHighRoundScale(Vector256.Load(first + lanes) + Vector256.Load(second + lanes), weight);
            }
            Vector256.Min(low, Vector256.Create(White)).Store(into + x);
            Vector256.Min(high, Vector256.Create(White)).Store(into + x + lanes);
        }
    }

    internal static void Sum128(short** before, short** after, int* weights, int radius, short* into, int length)
    {
        for (int x = 0; x < length; x += Vector128<short>.Count)
        {
            x = Math.Min(x, length - Vector128<short>.Count);
            Vector128<short> sum = Product(Vector128.Load(before[0] + x), Vector128.Create((short)weights[0]));
            for (int i = 1; i <= radius; i++)
                sum += Product(Vector128.Load(before[i] + x) + Vector128.Load(after[i] + x), Vector128.Create((short)weights[i]));
            Vector128.Min(sum, Vector128.Create(White)).Store(into + x);
        }
    }

    private static Vector128<short> Product(Vector128<short> values, Vector128<short> weights) => Ssse3.IsSupported
        ? Ssse3.MultiplyHighRoundScale(values, weights)
        : AdvSimd.MultiplyRoundedDoublingSaturateHigh(values, weights);

    private static int Product(int value, int weight) => ((value * weight) + (1 << 14)) >> 15;
}
