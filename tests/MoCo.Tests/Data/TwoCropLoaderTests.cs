using System.Diagnostics;
using System.Runtime.InteropServices;
using MoCo.Augmentation;
using MoCo.Data;
using TorchSharp;

namespace MoCo.Tests.Data;

public sealed class TwoCropLoaderTests
{
    private static readonly AugmentationRecipe Recipe = AugmentationRecipe.Grey(8);

    [Fact]
    public void Batches_are_the_same_bits_for_any_number_of_workers()
    {
        var one = Epoch(new SyntheticImages(150), new() { BatchSize = 32, Workers = 1, PrefetchBatches = 1, Seed = 5 }, 3);
        var four = Epoch(new SyntheticImages(150), new() { BatchSize = 32, Workers = 4, PrefetchBatches = 3, Seed = 5 }, 3);

        Assert.Equal(5, one.Count);
        for (var i = 0; i < one.Count; i++)
        {
            Assert.Equal(one[i].Indices, four[i].Indices);
            Assert.Equal(one[i].Query, four[i].Query);
            Assert.Equal(one[i].Key, four[i].Key);
        }
    }

    [Fact]
    public void Another_epoch_or_seed_gives_another_order_and_other_views()
    {
        var source = new SyntheticImages(64);
        var reference = Epoch(source, new() { BatchSize = 64, Seed = 5, Shuffle = false }, 0)[0];

        Assert.NotEqual(reference.Query, Epoch(source, new() { BatchSize = 64, Seed = 5, Shuffle = false }, 1)[0].Query);
        Assert.NotEqual(reference.Query, Epoch(source, new() { BatchSize = 64, Seed = 6, Shuffle = false }, 0)[0].Query);
        Assert.NotEqual(reference.Query, reference.Key);
        Assert.NotEqual(Epoch(source, new() { BatchSize = 64 }, 0)[0].Indices, Epoch(source, new() { BatchSize = 64 }, 1)[0].Indices);
    }

    [Fact]
    public void An_epoch_taken_up_in_its_middle_goes_on_as_if_never_stopped()
    {
        var source = new SyntheticImages(100);
        var options = new LoaderOptions { BatchSize = 16, Workers = 2 };

        var whole = Epoch(source, options, 2);
        var rest = Epoch(source, options, 2, firstBatch: 4);

        Assert.Equal([4, 5, 6], rest.Select(batch => batch.Number));
        Assert.Equal(whole.Skip(4).Select(batch => batch.Query), rest.Select(batch => batch.Query));
        Assert.Equal(whole.Skip(4).Select(batch => batch.Indices), rest.Select(batch => batch.Indices));
        Assert.Empty(Epoch(source, options, 2, firstBatch: 7));
    }

    [Theory]
    [InlineData(false, new[] { 16, 16, 8 })]
    [InlineData(true, new[] { 16, 16 })]
    public void The_last_partial_batch_is_used_unless_it_is_dropped(bool dropLast, int[] sizes)
    {
        using var loader = new TwoCropLoader(new SyntheticImages(40), Recipe, new() { BatchSize = 16, DropLast = dropLast });
        Assert.Equal(sizes.Length, loader.BatchesPerEpoch);
        var found = new List<int>();
        foreach (var batch in loader.Epoch(0))
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
    public void Every_picture_comes_exactly_once_in_an_epoch_and_in_the_source_s_order_without_shuffle()
    {
        var source = new SyntheticImages(70);

        Assert.Equal(Enumerable.Range(0, 70), Epoch(source, new() { BatchSize = 16 }, 1).SelectMany(batch => batch.Indices).Order());
        Assert.Equal(Enumerable.Range(0, 70), Epoch(source, new() { BatchSize = 16, Shuffle = false }, 1).SelectMany(batch => batch.Indices));
        Assert.Equal(140, source.Reads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_holds_what_the_recipe_makes_of_its_pictures_with_channels_last(int channels)
    {
        var source = new SyntheticImages(10, channels: channels);
        using var loader = new TwoCropLoader(source, Recipe, new() { BatchSize = 10, Seed = 9 });
        using var batch = loader.Epoch(1).Single();
        var picture = new ImageBuffer();
        var view = new float[8 * 8 * channels];

        for (var row = 0; row < batch.Size; row++)
        {
            var index = batch.Indices.Span[row];
            source.Read(index, picture);
            for (var number = 0; number < 2; number++)
            {
                var random = new SampleRandom(9, 1, index, number);
                Recipe.Apply(picture, view, new AugmentationScratch(), ref random);
                Assert.Equal(view, Values((number == 0 ? batch.Query : batch.Key).narrow(0, row, 1)));
            }
        }

        Assert.Equal([64L * channels, 1, 8L * channels, channels], batch.Query.stride());
    }

    [Fact]
    public void A_batch_outlives_the_dispose_scope_it_came_in_and_its_disposal_frees_everything()
    {
        using var loader = new TwoCropLoader(new SyntheticImages(64), Recipe, new() { BatchSize = 8 });
        var before = torch.Tensor.TotalCount;
        foreach (var batch in loader.Epoch(0))
        {
            using (torch.NewDisposeScope())
            {
            }

            Assert.False(batch.Key.IsInvalid);
            Assert.Equal(before + 2, torch.Tensor.TotalCount);
            batch.Dispose();
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
        TwoCropBatch kept;
        using (torch.NewDisposeScope())
            kept = loader.Epoch(0).First();
        Assert.False(kept.Query.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_consumer_that_stops_leaves_no_thread()
    {
        var source = new SyntheticImages(100_000) { Delay = TimeSpan.FromMilliseconds(1) };
        using var loader = new TwoCropLoader(source, Recipe, new() { BatchSize = 8, Workers = 4 });
        for (var round = 0; round < 5; round++)
        {
            var clock = new Stopwatch();
            foreach (var batch in loader.Epoch(round))
            {
                batch.Dispose();
                clock.Start();
                break;
            }

            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 1);
        }

        Assert.Throws<TimeoutException>(() =>
        {
            foreach (var batch in loader.Epoch(9))
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
        var source = new SyntheticImages(100_000) { Delay = TimeSpan.FromMilliseconds(1) };
        var loader = new TwoCropLoader(source, Recipe, new() { BatchSize = 8, Workers = 4, PrefetchBatches = 100 });
        using var abandoned = loader.Epoch(0).GetEnumerator();
        Assert.True(abandoned.MoveNext());
        abandoned.Current.Dispose();

        loader.Dispose();

        Thread.Sleep(100);
        AssertNothingIsReadAnyMore(source);
        Assert.Throws<ObjectDisposedException>(() => abandoned.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => loader.Epoch(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_picture_that_fails_reaches_the_caller_by_name_after_the_batches_before_it(int workers)
    {
        var source = new SyntheticImages(100);
        source.Broken.UnionWith([37, 38, 90]);
        using var loader = new TwoCropLoader(source, Recipe, new() { BatchSize = 16, Workers = workers, Shuffle = false });
        var delivered = 0;

        var fault = Assert.Throws<LoaderException>(() =>
        {
            foreach (var batch in loader.Epoch(0))
            {
                batch.Dispose();
                delivered++;
            }
        });

        Assert.Equal(2, delivered);
        Assert.Equal(("synthetic pictures", 37), (fault.SourceName, fault.Index));
        Assert.Equal("synthetic pictures: picture 37 could not be loaded. photo37.jpg is corrupt", fault.Message);
        Assert.IsType<InvalidDataException>(fault.InnerException);
        source.Broken.Clear();
        Assert.Equal(7, loader.Epoch(0).Count(Disposed));
    }

    [Fact]
    public void Several_epochs_at_once_do_not_disturb_each_other()
    {
        var source = new SyntheticImages(60);
        var options = new LoaderOptions { BatchSize = 16, Workers = 2 };
        using var loader = new TwoCropLoader(source, Recipe, options);

        var pairs = loader.Epoch(0).Zip(loader.Epoch(1), (a, b) => (Record(a), Record(b))).ToList();

        Assert.Equal(Epoch(source, options, 0).Select(batch => batch.Query), pairs.Select(pair => pair.Item1.Query));
        Assert.Equal(Epoch(source, options, 1).Select(batch => batch.Key), pairs.Select(pair => pair.Item2.Key));
    }

    [Fact]
    public void Statistics_count_pictures_batches_and_the_time_spent_waiting()
    {
        // The first batch takes one worker 100 ms at least, and the consumer has nothing to do but wait for it.
        var source = new SyntheticImages(30) { Delay = TimeSpan.FromMilliseconds(5) };
        using var loader = new TwoCropLoader(source, Recipe, new() { BatchSize = 20, Workers = 1 });

        var clock = Stopwatch.StartNew();
        Assert.Equal(2, loader.Epoch(0).Count(Disposed));

        Assert.Equal((30, 2), (loader.Statistics.Pictures, loader.Statistics.Batches));
        Assert.InRange(loader.Statistics.SecondsWaited, 0.02, clock.Elapsed.TotalSeconds);
    }

    [Fact]
    public void All_faults_of_the_options_are_reported_at_once()
    {
        var options = new LoaderOptions { BatchSize = 0, Workers = -1, PrefetchBatches = 5000 };

        var fault = Assert.Throws<ArgumentException>(() => new TwoCropLoader(new SyntheticImages(9), Recipe, options));

        Assert.Equal(
            "LoaderOptions: BatchSize is 0; allowed are 1 to 1048576. Workers is -1; allowed are 1 to 1024. PrefetchBatches is 5000; allowed are 1 to 1024.",
            fault.Message);
    }

    [Fact]
    public void What_cannot_work_is_refused_at_once()
    {
        var colour = new AugmentationRecipe(8, [new CenterCrop(8)], new Normalize([0.5, 0.5, 0.5], [0.2, 0.2, 0.2]));
        Refused("has no pictures", () => new TwoCropLoader(new SyntheticImages(0), Recipe));
        Refused("takes pictures of 3 channels, synthetic pictures has pictures of 1", () => new TwoCropLoader(new SyntheticImages(9), colour));
        Refused("9 pictures, fewer than one batch of 256", () => new TwoCropLoader(new SyntheticImages(9), Recipe, new() { DropLast = true }));
        Refused("takes 4294967296 bytes", () => new TwoCropLoader(new SyntheticImages(9), AugmentationRecipe.Grey(1024), new() { BatchSize = 1024 }));
        using var loader = new TwoCropLoader(new SyntheticImages(9), Recipe);
        Refused("Expected 0 to 1", () => loader.Epoch(0, 2));
        Refused("epoch", () => loader.Epoch(-1));

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static void AssertNothingIsReadAnyMore(SyntheticImages source)
    {
        var reads = source.Reads;
        Thread.Sleep(30);
        Assert.Equal(reads, source.Reads);
    }

    private static List<BatchRecord> Epoch(SyntheticImages source, LoaderOptions options, int epoch, int firstBatch = 0)
    {
        using var loader = new TwoCropLoader(source, Recipe, options);
        return [.. loader.Epoch(epoch, firstBatch).Select(Record)];
    }

    private static BatchRecord Record(TwoCropBatch batch)
    {
        using (batch)
            return new BatchRecord(batch.Number, batch.Indices.ToArray(), Values(batch.Query), Values(batch.Key));
    }

    private static bool Disposed(TwoCropBatch batch)
    {
        batch.Dispose();
        return true;
    }

    private static float[] Values(torch.Tensor views)
    {
        using var rows = views.permute(0, 2, 3, 1);
        return MemoryMarshal.Cast<byte, float>(rows.bytes).ToArray();
    }

    private sealed record BatchRecord(int Number, int[] Indices, float[] Query, float[] Key);
}
