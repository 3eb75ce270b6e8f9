using MoCo.Augmentation.Resampling;

namespace MoCo.Tests.Augmentation.Resampling;

public sealed class ResampleWeightsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 16_384)]
    [InlineData(16_384, 1)]
    [InlineData(500, 224)]
    [InlineData(2, 3)]
    [InlineData(100_003, 7)]
    public void Weights_are_not_negative_sum_to_one_and_lie_within_the_axis(int input, int output)
    {
        ResampleWeights weights = new(15);
        weights.Compute(ResampleSpan.Whole(input), output);
        for (int o = 0; o < output; o++)
        {
            int[] values = weights.Values.AsSpan(o * weights.Taps, weights.Counts[o]).ToArray();
            Assert.Equal(1 << 15, values.Sum());
            Assert.True(values.Min() >= 0);
            Assert.InRange(weights.Starts[o], 0, input - weights.Counts[o]);
        }
    }

    [Fact]
    public void What_a_huge_image_took_is_not_kept()
    {
        ResampleWeights weights = new(15);
        weights.Compute(ResampleSpan.Whole(4_000_000), 1);
        Assert.True(weights.Values.Length >= 4_000_000);

        weights.Compute(ResampleSpan.Whole(500), 224);

        Assert.True(weights.Values.Length < 10_000);
    }

    [Fact]
    public void The_same_axis_again_is_not_computed_again()
    {
        ResampleWeights weights = new(15);
        Assert.True(weights.Compute(ResampleSpan.Whole(50), 30));
        Assert.False(weights.Compute(ResampleSpan.Whole(50), 30));
        Assert.True(weights.Compute(ResampleSpan.Whole(50), 31));
    }
}
