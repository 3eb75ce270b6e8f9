using MoCo.Data;
using MoCo.Evaluation.Features;

namespace MoCo.Tests.Data;

public sealed class StratifiedSampleTests
{
    private static readonly int[] Labels =
        [.. Enumerable.Range(0, 1000).Select(i => i % 100 == 0 ? FeatureSet.Unlabelled : i % 7 == 0 ? 0 : i % 2 == 0 ? 1 : 2), 3, 4, 4];

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(1)]
    public void Every_class_gives_the_same_share_and_at_least_one(double share)
    {
        IReadOnlyList<int> chosen = StratifiedSample.Choose(Labels, share, seed: 5);

        Assert.Equal(chosen.Order().Distinct(), chosen);
        Assert.All(chosen, index => Assert.True(Labels[index] >= 0));
        for (int label = 0; label < 5; label++)
            Assert.Equal(Math.Max(1, (int)Math.Round(share * Labels.Count(l => l == label))),
                chosen.Count(index => Labels[index] == label));
    }

    [Fact]
    public void The_choice_is_the_seed_s_and_favours_no_place()
    {
        Assert.Equal(StratifiedSample.Choose(Labels, 0.1, 1), StratifiedSample.Choose(Labels, 0.1, 1));
        Assert.NotEqual(StratifiedSample.Choose(Labels, 0.1, 1), StratifiedSample.Choose(Labels, 0.1, 2));
        int[] times = new int[20];
        for (int seed = 0; seed < 2000; seed++)
        {
            foreach (int index in StratifiedSample.Choose(new int[20], 0.25, seed))
                times[index]++;
        }
        // 500 expected, standard deviation 19.
        Assert.All(times, count => Assert.InRange(count, 400, 600));
    }

    [Fact]
    public void A_split_is_complete_and_keeps_one_of_every_class()
    {
        (int[]? kept, int[]? heldOut) = StratifiedSample.Split(Labels, 0.5, 1);

        Assert.Equal(Enumerable.Range(0, Labels.Length).Where(i => Labels[i] >= 0), kept.Concat(heldOut).Order());
        Assert.Equal([0, 1, 2, 3, 4], kept.Select(i => Labels[i]).Distinct().Order());
        Assert.Equal([0, 1, 2, 4], heldOut.Select(i => Labels[i]).Distinct().Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_share_out_of_range_is_refused(double share)
        => Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSample.Choose(Labels, share, 0));
}
