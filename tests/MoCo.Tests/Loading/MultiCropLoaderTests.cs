using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;
using TorchSharp;

namespace MoCo.Tests.Loading;

/// <summary>Batches whose views are made by a recipe each, small ones among them.</summary>
public sealed class MultiCropLoaderTests
{
    private static readonly TwoCropRecipe Recipe = TwoCropRecipe.GreyV3(8).WithSmallViews(3, 5, 0.1, 0.3);

    [Fact]
    public void Every_view_is_what_its_recipe_makes_with_the_view_s_own_random_numbers()
    {
        SyntheticImages source = new(10);
        using TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 10, Seed = 9, Workers = 3 });
        using TwoCropBatch batch = loader.Epoch(1).Single();
        Assert.Equal(3, batch.SmallViews.Count);
        Assert.All(batch.SmallViews, view => Assert.Equal([10, 1, 5, 5], view.shape));
        Assert.Same(Recipe, loader.Views);
        Assert.Same(Recipe.Query, loader.Recipe);
        ImageBuffer image = new();
        for (int row = 0; row < batch.Size; row++)
        {
            source.Read(batch.Indices.Span[row], image);
            foreach (((torch.Tensor view, AugmentationRecipe recipe), int number)
                in new[] { batch.Query, batch.Key }.Concat(batch.SmallViews).Zip(Recipe.All).Zip(Enumerable.Range(0, 5)))
            {
                float[] expected = new float[recipe.OutputSize * recipe.OutputSize];
                SampleRandom random = new(9, 1, batch.Indices.Span[row], number);
                recipe.Apply(image, expected, new AugmentationScratch(), ref random);
                Assert.Equal(expected, BatchRecord.Values(view.narrow(0, row, 1)));
            }
        }
    }

    [Fact]
    public void Who_has_small_views_has_the_same_two_large_ones_as_who_has_none()
    {
        SyntheticImages source = new(40);
        source.Broken.Add(7);
        LoaderOptions options = new() { BatchSize = 16, Workers = 2, MaximumErrorShare = 1 };
        BatchRecord.AssertEqual(BatchRecord.Epoch(source, options, 2), Epoch(new(BatchRecord.Recipe)));
        BatchRecord.AssertEqual(
            BatchRecord.Epoch(source, options, 2), Epoch(new TwoCropRecipe(BatchRecord.Recipe).WithSmallViews(2, 4)));

        List<BatchRecord> Epoch(TwoCropRecipe recipe)
        {
            using TwoCropLoader loader = new(source, recipe, options);
            return [.. loader.Epoch(2).Select(BatchRecord.Of)];
        }
    }

    [Fact]
    public void In_a_bad_image_s_place_are_the_small_views_of_the_image_before_it()
    {
        SyntheticImages source = new(16);
        source.Broken.Add(5);
        using TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 16, Shuffle = false, MaximumErrorShare = 1 });
        using TwoCropBatch batch = loader.Epoch(0).Single();
        Assert.Equal(4, batch.Indices.Span[5]);
        foreach (torch.Tensor view in batch.SmallViews)
            Assert.Equal(BatchRecord.Values(view.narrow(0, 4, 1)), BatchRecord.Values(view.narrow(0, 5, 1)));
    }

    [Fact]
    public void A_batch_frees_its_small_views_and_refuses_those_that_do_not_fit()
    {
        long before = LiveTensors.Settled();
        using (TwoCropLoader loader = new(new SyntheticImages(64), Recipe, new() { BatchSize = 8, PrefetchBatches = 3 }))
        {
            foreach (TwoCropBatch batch in loader.Epoch(0))
                using (batch)
                    Assert.Equal(before + 5 + (5 * (3 + 1)), torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);

        using torch.Tensor views = torch.zeros(2, 1, 8, 8), other = torch.zeros(3, 1, 4, 4);
        string message = Assert.Throws<ArgumentException>(
            () => new TwoCropBatch(views, views, new[] { 4, 5 }, 0, 0) { SmallViews = [other] }).Message;
        Assert.StartsWith("Expected small views of shape 2×1×h×w, all alike, found 3×1×4×4.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Small_views_of_other_channels_or_too_large_are_refused_when_the_loader_is_made()
    {
        TwoCropRecipe color = new TwoCropRecipe(BatchRecord.Recipe).WithSmallViews(1, AugmentationRecipe.V2(8));
        Assert.StartsWith("The recipe takes images of 3 channels, synthetic images has images of 1",
            Assert.Throws<ArgumentException>(() => new TwoCropLoader(new SyntheticImages(9), color)).Message, StringComparison.Ordinal);
        TwoCropRecipe large = new TwoCropRecipe(BatchRecord.Recipe).WithSmallViews(1, 1024);
        Assert.StartsWith("A batch of 1024 views of 1024×1024×1 takes", Assert.Throws<ArgumentException>(
            () => new TwoCropLoader(new SyntheticImages(9), large, new() { BatchSize = 1024 })).Message, StringComparison.Ordinal);
    }
}
