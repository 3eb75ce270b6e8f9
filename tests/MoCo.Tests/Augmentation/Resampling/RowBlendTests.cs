using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MoCo.Augmentation.Resampling;

namespace MoCo.Tests.Augmentation.Resampling;

public sealed unsafe class RowBlendTests
{
    private delegate void Blending(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length);

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(673)]
    public void Vectors_of_every_width_give_the_bytes_of_the_scalar_path(int length)
    {
        foreach (int count in new[] { 2, 3, 4, 7, RowBlend.LongestShortSum })
        {
            int[] weights = Weights(count);
            Span<byte> rows = Images.Noise(length, count, 1, count).Pixels;
            rows[..length].Fill(255);
            byte[] expected = Run(RowBlend.BlendScalar, rows, weights, length);
            Assert.Equal(expected, Run(RowBlend.Blend, rows, weights, length));
            if (Vector128.IsHardwareAccelerated) Assert.Equal(expected, Run(RowBlend.Blend128, rows, weights, length));
            if (Avx2.IsSupported && length >= 32) Assert.Equal(expected, Run(RowBlend.Blend256, rows, weights, length));
            if (Avx512BW.IsSupported && length >= 64) Assert.Equal(expected, Run(RowBlend.Blend512, rows, weights, length));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(700)]
    public void A_blend_is_the_weighted_mean_rounded(int count)
    {
        const int Length = 41;
        int[] weights = Weights(count);
        Span<byte> rows = Images.Noise(Length, count, 1, count).Pixels;

        byte[] result = Run(RowBlend.Blend, rows, weights, Length);

        for (int x = 0; x < Length; x++)
        {
            double exact = 0.0;
            for (int i = 0; i < count; i++) exact += rows[(i * Length) + x] * (double)weights[i] / (1 << RowBlend.FractionBits);
            // Half a level for rounding, and what cutting the products can add.
            Assert.InRange(result[x] - exact, -0.5 - (count <= 64 ? count / 512.0 : 0), 0.5 + (count <= 64 ? count / 512.0 : 0));
        }
    }

    private static byte[] Run(Blending blend, ReadOnlySpan<byte> rows, int[] weights, int length)
    {
        // One byte more, which nothing may touch.
        byte[] result = new byte[length + 1];
        result[length] = 77;
        fixed (byte* first = rows, into = result)
            blend(first, length, weights, into, length);
        Assert.Equal(77, result[length]);
        return result;
    }

    /// <summary>Uneven weights whose sum is one, the first of them zero.</summary>
    private static int[] Weights(int count)
    {
        int[] weights = new int[count];
        int left = 1 << RowBlend.FractionBits;
        for (int i = 1; i < count; i++)
        {
            weights[i] = i == count - 1 ? left : left * (1 + (i % 3)) / (count + 3);
            left -= weights[i];
        }
        return weights;
    }
}
