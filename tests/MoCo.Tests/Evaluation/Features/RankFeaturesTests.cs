using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Imaging;
using TorchSharp;
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
        using FeatureSet alone = FeatureSet.Extract(network, new Images(images), AugmentationRecipe.Evaluation(16, Normalize.UnitRange), 8);
        FeatureSet?[] parts = ThreadGroup.Run(ranks, group => FeatureSet.ExtractTogether(
            group, network, new Images(images), AugmentationRecipe.Evaluation(16, Normalize.UnitRange), 8, maximumErrorShare: 1));
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
            group, network, new Images(8) { All = true }, AugmentationRecipe.Evaluation(16, Normalize.UnitRange), maximumErrorShare: 1)))
            .Message;
        Assert.StartsWith("noise: none of 8 images could be read", error);
    }

    /// <summary>Noise of which every seventh image cannot be read.</summary>
    private sealed class Images(int count) : IImageSource
    {
        private readonly TrainerFixture.NoiseImages noise = new(count);

        public bool All { get; init; }

        public string Name => noise.Name;

        public int Count => noise.Count;

        public int Channels => noise.Channels;

        public SourceErrors Errors => noise.Errors;

        public IReadOnlyList<string> Classes => noise.Classes;

        public int? Label(int index) => noise.Label(index);

        public void Read(int index, ImageBuffer into)
        {
            if (All || index % 7 == 5) throw new InvalidDataException("planted");
            noise.Read(index, into);
        }
    }
}
