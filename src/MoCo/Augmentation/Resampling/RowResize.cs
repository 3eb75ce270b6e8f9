using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Resampling;

/// <summary>Resizes rows of pixels to one width.</summary>
/// <remarks>Eight color pixels at a time where the processor has AVX2: two neighbours of an output are shuffled to 16 bits side by side
/// (r₀r₁ g₀g₁ b₀b₁) and multiplied and added in one instruction, for an output in either half of the vector. The scalar path gives the same
/// bytes.</remarks>
internal sealed unsafe class RowResize
{
    internal const int FractionBits = 15;
    private const int Group = 8;
    private const int Half = 1 << (FractionBits - 1);

    /// <summary>Longer filters are rare and their table would leave the cache.</summary>
    private const int LongestPacked = 64;

    /// <summary>Bytes that may be read past the last pixel of a row: 16 are loaded where 6 or 12 are used, and of an odd number of pixels
    /// the last pair has one outside.</summary>
    internal const int Margin = 16;

    private readonly ResampleWeights weights = new(FractionBits);

    // For each group of eight outputs: their first bytes in a row, and for each two neighbours 4×16 weights, in the order of use.
    private int[] offsets = [];
    private short[] packed = [];
    private int outputs;

    private bool Packed => Avx2.IsSupported && weights.Taps <= LongestPacked;

    private int Pairs => (weights.Taps + 1) / 2;

    /// <summary>Sets the widths for the calls that follow.</summary>
    internal void Prepare(ResampleSpan input, int output)
    {
        if (!weights.Compute(input, output)) return;
        outputs = output;
        if (Packed) Pack(input.Pixels);
    }

    /// <param name="row">The row; may be read up to <see cref="Margin"/> bytes past its end.</param>
    /// <param name="into">Receives the pixels; may be written up to <see cref="Group"/> pixels past its end.</param>
    /// <param name="channels">1 or 3.</param>
    internal void Resize(byte* row, byte* into, int channels)
    {
        if (channels == 1) ResizeGrey(row, into);
        else if (Packed) ResizeColor(row, into);
        else ResizeScalar(row, into);
    }

    /// <summary>Bytes that a result may take, those past its end included.</summary>
    internal static int Room(int width, int channels) => ((width + Group) * channels) + Margin;

    internal void ResizeScalar(byte* row, byte* into)
    {
        for (int x = 0; x < outputs; x++, into += 3)
        {
            byte* pixel = row + (3L * weights.Starts[x]);
            int red = Half, green = Half, blue = Half;
            foreach (int exact in weights.Values.AsSpan(x * weights.Taps, weights.Counts[x]))
            {
                int weight = Math.Min(exact, short.MaxValue);
                red += pixel[0] * weight;
                green += pixel[1] * weight;
                blue += pixel[2] * weight;
                pixel += 3;
            }
            into[0] = (byte)(red >> FractionBits);
            into[1] = (byte)(green >> FractionBits);
            into[2] = (byte)(blue >> FractionBits);
        }
    }

    private void ResizeGrey(byte* row, byte* into)
    {
        for (int x = 0; x < outputs; x++)
        {
            byte* pixel = row + weights.Starts[x];
            int sum = Half;
            foreach (int weight in weights.Values.AsSpan(x * weights.Taps, weights.Counts[x]))
                sum += *pixel++ * Math.Min(weight, short.MaxValue);
            into[x] = (byte)(sum >> FractionBits);
        }
    }

    private void Pack(int input)
    {
        (int pairs, int groups) = (Pairs, (outputs + Group - 1) / Group);
        if (offsets.Length < groups * Group) offsets = new int[groups * Group];
        if (packed.Length < groups * pairs * 64) packed = new short[groups * pairs * 64];
        Array.Clear(packed, 0, groups * pairs * 64);
        Array.Clear(offsets, 0, groups * Group);
        for (int x = 0; x < outputs; x++)
        {
            // All outputs take equally many neighbours: where fewer are left in the row, those before them, with weights of 0.
            int start = Math.Min(weights.Starts[x], Math.Max(0, input - 2 * pairs)), skipped = weights.Starts[x] - start;
            offsets[x] = 3 * start;
            // Outputs 0 … 3 of a group lie in the lower halves of its four vectors, 4 … 7 in the upper.
            (int group, int place) = (x / Group, x % Group);
            int lane = ((place & 3) * 16) + ((place >> 2) * 8);
            for (int i = 0; i < weights.Counts[x]; i++)
            {
                short weight = (short)Math.Min(weights.Values[(x * weights.Taps) + i], short.MaxValue);
                int at = (group * pairs + (skipped + i) / 2) * 64 + lane + (skipped + i & 1);
                (packed[at], packed[at + 2], packed[at + 4]) = (weight, weight, weight);
            }
        }
    }

    private void ResizeColor(byte* row, byte* into)
    {
        Vector256<byte> shuffle = Vector256.Create(
            Vector128.Create(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1),
            Vector128.Create(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)).AsByte();
        Vector256<byte> gather = Vector256.Create(
            Vector128.Create(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1),
            Vector128.Create(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)).AsByte();
        Vector256<byte> shuffleNext = Vector256.Create(
            Vector128.Create(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1),
            Vector128.Create(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1)).AsByte();
        int pairs = Pairs;
        bool odd = pairs % 2 != 0;
        fixed (int* firsts = offsets)
        fixed (short* weight0 = packed)
        {
            short* weight = weight0;
            int* first = firsts;
            for (int x = 0; x < outputs; x += Group, first += Group, into += 3 * Group)
            {
                Vector256<int> sum0 = Vector256.Create(Half);
                Vector256<int> sum1 = sum0, sum2 = sum0, sum3 = sum0;
                byte* pixel = row;
                for (int pair = 1; pair < pairs; pair += 2, pixel += 12, weight += 128)
                {
                    sum0 += SumOfFour(pixel + first[0], pixel + first[4], weight, shuffle, shuffleNext);
                    sum1 += SumOfFour(pixel + first[1], pixel + first[5], weight + 16, shuffle, shuffleNext);
                    sum2 += SumOfFour(pixel + first[2], pixel + first[6], weight + 32, shuffle, shuffleNext);
                    sum3 += SumOfFour(pixel + first[3], pixel + first[7], weight + 48, shuffle, shuffleNext);
                }
                if (odd)
                {
                    sum0 += Sum(pixel + first[0], pixel + first[4], weight, shuffle);
                    sum1 += Sum(pixel + first[1], pixel + first[5], weight + 16, shuffle);
                    sum2 += Sum(pixel + first[2], pixel + first[6], weight + 32, shuffle);
                    sum3 += Sum(pixel + first[3], pixel + first[7], weight + 48, shuffle);
                    weight += 64;
                }
                Vector256<short> low = Avx2.PackSignedSaturate(sum0 >> FractionBits, sum1 >> FractionBits);
                Vector256<short> high = Avx2.PackSignedSaturate(sum2 >> FractionBits, sum3 >> FractionBits);
                Vector256<byte> pixels = Avx2.Shuffle(Avx2.PackUnsignedSaturate(low, high), gather);
                pixels.GetLower().Store(into);
                pixels.GetUpper().Store(into + 12);
            }
        }
    }

    private static Vector256<int> Sum(byte* lower, byte* upper, short* weights, Vector256<byte> shuffle)
    {
        Vector256<byte> pixels = Vector256.Create(Vector128.Load(lower), Vector128.Load(upper));
        return Avx2.MultiplyAddAdjacent(Avx2.Shuffle(pixels, shuffle).AsInt16(), Vector256.Load(weights));
    }

    private static Vector256<int> SumOfFour(byte* lower, byte* upper, short* weights, Vector256<byte> shuffle, Vector256<byte> shuffleNext)
    {
        Vector256<byte> pixels = Vector256.Create(Vector128.Load(lower), Vector128.Load(upper));
        return Avx2.MultiplyAddAdjacent(Avx2.Shuffle(pixels, shuffle).AsInt16(), Vector256.Load(weights))
            + Avx2.MultiplyAddAdjacent(Avx2.Shuffle(pixels, shuffleNext).AsInt16(), Vector256.Load(weights + 64));
    }
}
