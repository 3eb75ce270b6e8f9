using MoCo.Augmentation;
using MoCo.Evaluation.Features;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Features;

public sealed class RankFeaturesTests
{
    [Theory]
    [InlineData(2, 58)]
    [InlineData(3, 58)]
    [InlineData(4, 3)]
    [InlineData(2, 1)]
    public void Ranks_extract_together_what_one_process_does(int ranks, int images)
    {
        nn.Module<Tensor, Tensor> network = nn.Sequential(nn.Flatten(), nn.Linear(256, 7));
        using FeatureSet alone = FeatureSet.Extract(network, Images(images), AugmentationRecipe.Evaluation(16, Normalize.UnitRange), 8);
        FeatureSet?[] parts = ThreadGroup.Run(ranks, group => FeatureSet.ExtractTogether(
            group, network, Images(images), AugmentationRecipe.Evaluation(16, Normalize.UnitRange), 8, maximumErrorShare: 1));
        Assert.All(parts[1..], Assert.Null);
        using FeatureSet together = parts[0]!;
        Assert.Equal(alone.Labels, together.Labels);
        Assert.Equal(alone.Indices, together.Indices);
        // Products of other row counts are rounded in another order.
        Fixture.Near(alone.Features, together.Features, 1e-6, "features");
    }

    [Fact]
    public void Where_no_image_can_be_read_rank_0_says_so()
    {
        nn.Module<Tensor, Tensor> network = nn.Sequential(nn.Flatten(), nn.Linear(256, 7));
        string error = Assert.Throws<InvalidDataException>(() => ThreadGroup.Run(2, group => FeatureSet.ExtractTogether(
            group, network, new TrainerFixture.NoiseImages(8) { IsUnreadable = _ => true },
            AugmentationRecipe.Evaluation(16, Normalize.UnitRange), maximumErrorShare: 1)))
            .Message;
        Assert.StartsWith("noise: none of 8 images could be read", error);
    }

    private static TrainerFixture.NoiseImages Images(int count) => new(count) { IsUnreadable = index => index % 7 == 5 };
}
