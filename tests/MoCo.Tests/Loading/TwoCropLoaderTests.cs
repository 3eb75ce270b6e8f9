using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;
using TorchSharp;

namespace MoCo.Tests.Loading;

public sealed class TwoCropLoaderTests
{
    private static readonly AugmentationRecipe Recipe = BatchRecord.Recipe;

    [Fact]
    public void Batches_are_the_same_bits_for_any_number_of_workers()
    {
        List<BatchRecord> one = BatchRecord.Epoch(
            new SyntheticImages(150), new() { BatchSize = 32, Workers = 1, PrefetchBatches = 1, Seed = 5 }, 3);
        List<BatchRecord> four = BatchRecord.Epoch(
            new SyntheticImages(150), new() { BatchSize = 32, Workers = 4, PrefetchBatches = 3, Seed = 5 }, 3);

        Assert.Equal(5, one.Count);
        BatchRecord.AssertEqual(one, four);
    }

    [Fact]
    public void Another_epoch_or_seed_gives_another_order_and_other_views()
    {
        SyntheticImages source = new(64);
        BatchRecord reference = BatchRecord.Epoch(source, new() { BatchSize = 64, Seed = 5, Shuffle = false }, 0)[0];

        Assert.NotEqual(reference.Query, BatchRecord.Epoch(source, new() { BatchSize = 64, Seed = 5, Shuffle = false }, 1)[0].Query);
        Assert.NotEqual(reference.Query, BatchRecord.Epoch(source, new() { BatchSize = 64, Seed = 6, Shuffle = false }, 0)[0].Query);
        Assert.NotEqual(reference.Query, reference.Key);
        Assert.NotEqual(
            BatchRecord.Epoch(source, new() { BatchSize = 64 }, 0)[0].Indices,
            BatchRecord.Epoch(source, new() { BatchSize = 64 }, 1)[0].Indices);
    }

    [Fact]
    public void An_epoch_taken_up_in_its_middle_goes_on_as_if_never_stopped()
    {
        SyntheticImages source = new(100);
        LoaderOptions options = new() { BatchSize = 16, Workers = 2 };

        List<BatchRecord> whole = BatchRecord.Epoch(source, options, 2);
        List<BatchRecord> rest = BatchRecord.Epoch(source, options, 2, firstBatch: 4);

        Assert.Equal([4, 5, 6], rest.Select(batch => batch.Number));
        BatchRecord.AssertEqual([.. whole.Skip(4)], rest);
        Assert.Empty(BatchRecord.Epoch(source, options, 2, firstBatch: 7));
    }

    [Theory]
    [InlineData(false, new[] { 16, 16, 8 })]
    [InlineData(true, new[] { 16, 16 })]
    public void The_last_partial_batch_is_used_unless_it_is_dropped(bool dropLast, int[] sizes)
    {
        using TwoCropLoader loader = new(new SyntheticImages(40), Recipe, new() { BatchSize = 16, DropLast = dropLast });
        Assert.Equal(sizes.Length, loader.BatchesPerEpoch);
        List<int> found = new();
        foreach (TwoCropBatch batch in loader.Epoch(0))
        {
            using (batch)
            {
                found.Add(batch.Size);
                Assert.Equal([batch.Size, 1, 8, 8], batch.Query.shape);
            }
        }
        Assert.Equal(sizes, found);
    }

    [Fact]
    public void Every_image_comes_exactly_once_in_an_epoch_and_in_the_source_s_order_without_shuffle()
    {
        SyntheticImages source = new(70);

        Assert.Equal(
            Enumerable.Range(0, 70), BatchRecord.Epoch(source, new() { BatchSize = 16 }, 1).SelectMany(batch => batch.Indices).Order());
        Assert.Equal(
            Enumerable.Range(0, 70),
            BatchRecord.Epoch(source, new() { BatchSize = 16, Shuffle = false }, 1).SelectMany(batch => batch.Indices));
        Assert.Equal(140, source.Reads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_holds_what_the_recipe_makes_of_its_images_with_channels_last(int channels)
    {
        SyntheticImages source = new(10, channels: channels);
        using TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 10, Seed = 9 });
        using TwoCropBatch batch = loader.Epoch(1).Single();
        ImageBuffer image = new();
        float[] view = new float[8 * 8 * channels];

        for (int row = 0; row < batch.Size; row++)
        {
            int index = batch.Indices.Span[row];
            source.Read(index, image);
            for (int number = 0; number < 2; number++)
            {
                SampleRandom random = new(9, 1, index, number);
                Recipe.Apply(image, view, new AugmentationScratch(), ref random);
                Assert.Equal(view, BatchRecord.Values((number == 0 ? batch.Query : batch.Key).narrow(0, row, 1)));
            }
        }
        Assert.Equal([64L * channels, 1, 8L * channels, channels], batch.Query.stride());
    }

    [Fact]
    public void A_batch_outlives_the_dispose_scope_it_came_in_and_the_loader_s_end_frees_everything()
    {
        long before = LiveTensors.Settled();
        TwoCropLoader loader = new(new SyntheticImages(64), Recipe, new() { BatchSize = 8, PrefetchBatches = 3 });
        foreach (TwoCropBatch batch in loader.Epoch(0))
        {
            using (torch.NewDisposeScope())
            {
            }
            Assert.False(batch.Key.IsInvalid);
            // The batch's two, and two for each batch that is prefetched or at hand: always the same memory.
            Assert.Equal(before + 2 + (2 * (3 + 1)), torch.Tensor.TotalCount);
            batch.Dispose();
            batch.Dispose();
        }
        TwoCropBatch kept;
        using (torch.NewDisposeScope())
            kept = loader.Epoch(0).First();
        loader.Dispose();
        Assert.False(kept.Query.IsInvalid);
        kept.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_consumer_that_stops_leaves_no_thread()
    {
        SyntheticImages source = new(100_000) { Delay = TimeSpan.FromMilliseconds(1) };
        using TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 8, Workers = 4 });
        for (int round = 0; round < 5; round++)
        {
            Stopwatch clock = new();
            foreach (TwoCropBatch batch in loader.Epoch(round))
            {
                batch.Dispose();
                clock.Start();
                break;
            }
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10); // the whole epoch takes 25 s and more
        }
        Assert.Throws<TimeoutException>(() =>
        {
            foreach (TwoCropBatch batch in loader.Epoch(9))
            {
                batch.Dispose();
                throw new TimeoutException();
            }
        });

        AssertNothingIsReadAnyMore(source);
    }

    [Fact]
    public void Disposing_the_loader_ends_an_enumeration_that_nobody_ended()
    {
        SyntheticImages source = new(100_000) { Delay = TimeSpan.FromMilliseconds(1) };
        TwoCropLoader loader = new(source, Recipe, new() { BatchSize = 8, Workers = 4, PrefetchBatches = 100 });
        using IEnumerator<TwoCropBatch> abandoned = loader.Epoch(0).GetEnumerator();
        Assert.True(abandoned.MoveNext());
        abandoned.Current.Dispose();

        loader.Dispose();

        Thread.Sleep(100);
        AssertNothingIsReadAnyMore(source);
        Assert.Throws<ObjectDisposedException>(() => abandoned.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => loader.Epoch(1));
    }

    [Fact]
    public void Several_epochs_at_once_do_not_disturb_each_other()
    {
        SyntheticImages source = new(60);
        LoaderOptions options = new() { BatchSize = 16, Workers = 2 };
        using TwoCropLoader loader = new(source, Recipe, options);

        List<(BatchRecord, BatchRecord)> pairs = loader.Epoch(0).Zip(
            loader.Epoch(1), (a, b) => (BatchRecord.Of(a), BatchRecord.Of(b))).ToList();

        Assert.Equal(BatchRecord.Epoch(source, options, 0).Select(batch => batch.Query), pairs.Select(pair => pair.Item1.Query));
        Assert.Equal(BatchRecord.Epoch(source, options, 1).Select(batch => batch.Key), pairs.Select(pair => pair.Item2.Key));
    }

    [Fact]
    public void Sixteen_threads_may_each_enumerate_an_epoch_of_one_loader()
    {
        SyntheticImages source = new(50);
        LoaderOptions options = new() { BatchSize = 16, Workers = 2, Seed = 3 };
        List<List<BatchRecord>> expected = Enumerable.Range(0, 4).Select(epoch => BatchRecord.Epoch(source, options, epoch)).ToList();
        using TwoCropLoader loader = new(source, Recipe, options);
        List<BatchRecord>[] found = new List<BatchRecord>[16];

        List<Thread> threads = Enumerable.Range(0, 16)
            .Select(i => new Thread(() => found[i] = [.. loader.Epoch(i % 4).Select(BatchRecord.Of)])).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        for (int i = 0; i < 16; i++) BatchRecord.AssertEqual(expected[i % 4], found[i]);
    }

    [Fact]
    public void Views_of_bfloat16_are_the_same_rounded()
    {
        SyntheticImages source = new(20, channels: 3);
        LoaderOptions options = new() { BatchSize = 20 };
        using TwoCropLoader loader = new(source, Recipe, options);
        using TwoCropLoader other = new(source, Recipe, options with { BFloat16 = true });
        using TwoCropBatch plain = loader.Epoch(0).Single();
        using TwoCropBatch batch = other.Epoch(0).Single();

        Assert.Equal(torch.ScalarType.BFloat16, batch.Key.dtype);
        Assert.Equal([20, 3, 8, 8], batch.Key.shape);
        using torch.Tensor rounded = plain.Key.to(batch.Key.dtype).to(torch.ScalarType.Float32);
        using torch.Tensor found = batch.Key.to(torch.ScalarType.Float32);
        Assert.Equal(BatchRecord.Values(rounded), Enumerable.Range(0, 20).SelectMany(row => Pixels(found, row)));

        static float[] Pixels(torch.Tensor views, int row)
        {
            using torch.Tensor pixels = views.narrow(0, row, 1).permute(0, 2, 3, 1).contiguous();
            return pixels.data<float>().ToArray();
        }
    }

    [Fact]
    public void Labels_follow_the_images_and_are_minus_one_where_there_are_none()
    {
        Assert.All(
            BatchRecord.Epoch(new SyntheticImages(30), new() { BatchSize = 16 }, 0),
            batch => Assert.Equal(batch.Indices.Select(index => index % 4), batch.Labels));
        Assert.All(
            BatchRecord.Epoch(new SyntheticImages(30, classes: 0), new() { BatchSize = 16 }, 0),
            batch => Assert.All(batch.Labels, label => Assert.Equal(-1, label)));
        using torch.Tensor views = torch.zeros(2, 1, 4, 4);
        using TwoCropBatch own = new(views.clone(), views.clone(), new[] { 4, 5 }, 0, 0);
        Assert.Equal([-1, -1], own.Labels.ToArray());
        Assert.Throws<ArgumentException>(() => new TwoCropBatch(views, views, new[] { 4, 5 }, 0, 0) { Labels = new[] { 1 } });
    }

    private static void AssertNothingIsReadAnyMore(SyntheticImages source)
    {
        int reads = source.Reads;
        Thread.Sleep(30);
        Assert.Equal(reads, source.Reads);
    }

    private static bool Disposed(TwoCropBatch batch)
    {
        batch.Dispose();
        return true;
    }
}
