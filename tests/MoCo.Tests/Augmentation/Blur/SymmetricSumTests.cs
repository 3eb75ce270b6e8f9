using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using MoCo.Augmentation.Blur;
using MoCo.Data;

namespace MoCo.Tests.Augmentation.Blur;

public sealed unsafe class SymmetricSumTests
{
    private delegate void Summing(short** before, short** after, int* weights, int radius, short* into, int length);

    [Theory]
    [InlineData(0.1, 16)]
    [InlineData(0.9, 33)]
    [InlineData(2, 64)]
    [InlineData(2, 101)]
    [InlineData(20, 70)]
    [InlineData(64, 672)]
    public void Vectors_of_every_width_give_the_values_of_the_scalar_path(double sigma, int length)
    {
        BlurWeights weights = new();
        weights.Compute(sigma);
        short[][] rows = new short[(2 * weights.Radius) + 1][];
        SampleRandom random = new(5, 0, 0, 0);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new short[length];
            for (int x = 0; x < length; x++)
            {
                rows[i][x] = (short)(x % 8 == 0 ? 255 << SymmetricSum.FractionBits : random.NextInt32((255 << SymmetricSum.FractionBits)
                    + 1));
            }
        }
        short[] expected = Run(SymmetricSum.SumScalar, rows, weights, length);
        Assert.Equal(expected, Run(SymmetricSum.Sum, rows, weights, length));
        if (Ssse3.IsSupported || AdvSimd.IsSupported) Assert.Equal(expected, Run(SymmetricSum.Sum128, rows, weights, length));
        if (Avx2.IsSupported && length >= 32) Assert.Equal(expected, Run(SymmetricSum.Sum256, rows, weights, length));
        if (Avx512BW.IsSupported && length >= 64) Assert.Equal(expected, Run(SymmetricSum.Sum512, rows, weights, length));
    }

    [Fact]
    public void Levels_come_back_from_units()
    {
        byte[] levels = Enumerable.Range(0, 256).Select(level => (byte)level).ToArray();
        (short[]? units, byte[]? back) = (new short[256], new byte[256]);
        fixed (byte* from = levels, to = back)
        fixed (short* between = units)
        {
            SymmetricSum.Widen(from, between, 256);
            SymmetricSum.Narrow(between, to, 256);
        }
        Assert.Equal(levels, back);
    }

    private static short[] Run(Summing sum, short[][] rows, BlurWeights weights, int length)
    {
        short[] all = rows.SelectMany(row => row).ToArray();
        (int radius, short[]? result) = (weights.Radius, new short[length]);
        (nint[]? before, nint[]? after) = (new nint[radius + 1], new nint[radius + 1]);
        fixed (short* first = all, into = result)
        fixed (nint* left = before, right = after)
        fixed (int* values = weights.Values)
        {
            for (int i = 0; i <= radius; i++)
                (left[i], right[i]) = ((nint)(first + ((radius - i) * length)), (nint)(first + ((radius + i) * length)));
            sum((short**)left, (short**)right, values, radius, into, length);
        }
        return result;
    }
}
