using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class EpochPermutationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Every_number_comes_exactly_once(int count) =>
        Assert.Equal(Enumerable.Range(0, count), EpochPermutation.Create(count, 5, 2).Order());

    [Fact]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        int[] reference = EpochPermutation.Create(100, 5, 2);

        Assert.Equal(reference, EpochPermutation.Create(100, 5, 2));
        Assert.NotEqual(reference, EpochPermutation.Create(100, 5, 3));
        Assert.NotEqual(reference, EpochPermutation.Create(100, 6, 2));
    }

    [Fact]
    public void Every_order_is_as_likely_as_any_other()
    {
        const int Epochs = 24_000;
        Dictionary<string, int> counts = new();
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            string order = string.Join("", EpochPermutation.Create(4, 1, epoch));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        // Chi-square with 23 degrees of freedom: 49.7 is exceeded once in a thousand.
        Assert.Equal(24, counts.Count);
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000), 0, 49.7);
    }
}
