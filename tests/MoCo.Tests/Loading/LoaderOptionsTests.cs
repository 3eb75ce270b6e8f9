using MoCo.Augmentation;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public class LoaderOptionsTests
{
    private static readonly AugmentationRecipe Recipe = BatchRecord.Recipe;

    [Fact]
    public void All_errors_of_the_options_are_reported_at_once()
    {
        LoaderOptions options = new()
        {
            BatchSize = 0,
            Workers = -1,
            PrefetchBatches = 5000,
            Rank = 2,
            Ranks = 2,
            MaximumErrorShare = double.NaN,
        };

        ArgumentException error = Assert.Throws<ArgumentException>(() => new TwoCropLoader(new SyntheticImages(9), Recipe, options));

        Assert.Equal(
            "LoaderOptions: BatchSize is 0; expected 1 to 1048576. Workers is -1; expected 1 to 1024. "
            + "PrefetchBatches is 5000; expected 1 to 1024. Rank is 2; expected 0 to 1, below Ranks. "
            + "MaximumErrorShare is NaN; expected 0 to 1.",
            error.Message);
    }

    [Fact]
    public void What_cannot_work_is_refused_at_once()
    {
        AugmentationRecipe color = new(8, [new CenterCrop(8)], new Normalize([0.5, 0.5, 0.5], [0.2, 0.2, 0.2]));
        Refused("has no images", () => new TwoCropLoader(new SyntheticImages(0), Recipe));
        Refused("takes images of 3 channels, synthetic images has images of 1", () => new TwoCropLoader(new SyntheticImages(9), color));
        Refused(
            "9 images, fewer than the 10 ranks that share them",
            () => new TwoCropLoader(new SyntheticImages(9), Recipe, new() { Ranks = 10 }));
        Refused(
            "4 images for each of 2 ranks, fewer than one batch of 5",
            () => new TwoCropLoader(new SyntheticImages(9), Recipe, new() { Ranks = 2, BatchSize = 5, DropLast = true }));
        Refused(
            "9 images, fewer than one batch of 256", () => new TwoCropLoader(new SyntheticImages(9), Recipe, new() { DropLast = true }));
        Refused(
            "takes 4294967296 bytes",
            () => new TwoCropLoader(new SyntheticImages(9), AugmentationRecipe.Grey(1024), new() { BatchSize = 1024 }));
        using TwoCropLoader loader = new(new SyntheticImages(9), Recipe);
        Refused("Expected 0 to 1", () => loader.Epoch(0, 2));
        Refused("epoch", () => loader.Epoch(-1));

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }
}
