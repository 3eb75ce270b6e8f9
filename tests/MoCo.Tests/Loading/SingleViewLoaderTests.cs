using MoCo.Augmentation;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class SingleViewLoaderTests
{
    private static readonly AugmentationRecipe Recipe = AugmentationRecipe.Evaluation(8);

    [Fact]
    public void Images_come_once_in_the_source_s_order_with_their_labels()
    {
        using SingleViewLoader loader = new(new SyntheticImages(40), Recipe);

        (List<int>? indices, List<int>? labels, List<float>? views) = Read(loader);

        Assert.Equal(Enumerable.Range(0, 40), indices);
        Assert.Equal(indices.Select(index => index % 4), labels);
        Assert.Equal((40L, 1), (loader.Count, loader.BatchesPerEpoch));
        Assert.Equal(40 * 64, views.Count);
    }

    [Fact]
    public void Images_that_cannot_be_read_are_left_out_and_the_others_stay_as_they_are()
    {
        LoaderOptions options = new() { BatchSize = 8, Shuffle = false, MaximumErrorShare = 1 };
        using SingleViewLoader sound = new(new SyntheticImages(40), Recipe, options);
        SyntheticImages source = new(40);
        // The second batch has no good image at all.
        int[] broken = [0, 7, .. Enumerable.Range(8, 8), 30, 39];
        source.Broken.UnionWith(broken);
        using SingleViewLoader loader = new(source, Recipe, options);

        (List<int>? indices, List<int>? labels, List<float>? views) = Read(loader);

        Assert.Equal(Enumerable.Range(0, 40).Except(broken), indices);
        Assert.Equal(indices.Select(index => index % 4), labels);
        List<float> all = Read(sound).Views;
        Assert.Equal(indices.SelectMany(index => all.Skip(index * 64).Take(64)), views);
        Assert.Equal((28L, 12L), (loader.Statistics.Images, loader.Statistics.Errors));
    }

    [Fact]
    public void A_shuffled_epoch_of_a_random_recipe_is_another_every_time()
    {
        using SingleViewLoader loader = new(new SyntheticImages(40), AugmentationRecipe.Grey(8), new() { BatchSize = 40 });

        Assert.Equal(Enumerable.Range(0, 40), Read(loader, 1).Indices.Order());
        Assert.NotEqual(Read(loader, 0).Indices, Read(loader, 1).Indices);
        Assert.Equal(Read(loader, 1).Views, Read(loader, 1).Views);
    }

    [Fact]
    public void A_stream_is_read_in_its_own_order()
    {
        SyntheticStream stream = new(40);
        stream.Broken.Add(11);
        using SingleViewLoader loader = new(stream, Recipe, new() { BatchSize = 16, Shuffle = false, MaximumErrorShare = 1 });

        Assert.Equal(Enumerable.Range(0, 40).Except([11]), Read(loader).Indices);
    }

    private static (List<int> Indices, List<int> Labels, List<float> Views) Read(SingleViewLoader loader, int epoch = 0)
    {
        (List<int> Indices, List<int> Labels, List<float> Views) found = (
            Indices: new List<int>(), Labels: new List<int>(), Views: new List<float>());
        foreach (SingleViewBatch batch in loader.Epoch(epoch))
        {
            using (batch)
            {
                Assert.Equal([batch.Size, 1, 8, 8], batch.Views.shape);
                found.Indices.AddRange(batch.Indices.ToArray());
                found.Labels.AddRange(batch.Labels.ToArray());
                found.Views.AddRange(BatchRecord.Values(batch.Views));
            }
        }
        return found;
    }
}
