using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class LoaderStreamTests
{
    private static readonly LoaderOptions Options = new() { BatchSize = 16, Workers = 2, Seed = 5, MaximumErrorShare = 1 };

    [Fact]
    public void Batches_of_a_stream_are_the_same_bits_for_any_number_of_workers()
    {
        List<BatchRecord> one = BatchRecord.Epoch(new SyntheticStream(150), Options with { Workers = 1, PrefetchBatches = 1 }, 3);
        List<BatchRecord> four = BatchRecord.Epoch(new SyntheticStream(150), Options with { Workers = 4 }, 3);

        Assert.Equal(10, one.Count);
        BatchRecord.AssertEqual(one, four);
        Assert.Equal(Enumerable.Range(0, 150), one.SelectMany(batch => batch.Indices));
    }

    [Fact]
    public void Labels_and_images_come_in_the_reader_s_order()
    {
        List<BatchRecord> batches = BatchRecord.Epoch(new SyntheticStream(64), Options, 1);

        Assert.Equal(EpochPermutation.Create(64, 5, 1).Select(index => index % 4), batches.SelectMany(batch => batch.Labels));
        // Unshuffled, the stream's images are the source's of the same numbers, and so are their random numbers.
        BatchRecord.AssertEqual(
            BatchRecord.Epoch(new SyntheticImages(64), Options with { Shuffle = false }, 2),
            BatchRecord.Epoch(new SyntheticStream(64), Options with { Shuffle = false }, 2));
    }

    [Fact]
    public void An_epoch_taken_up_in_its_middle_goes_on_as_if_never_stopped()
    {
        List<BatchRecord> whole = BatchRecord.Epoch(new SyntheticStream(100), Options, 2);

        BatchRecord.AssertEqual([.. whole.Skip(4)], BatchRecord.Epoch(new SyntheticStream(100), Options, 2, firstBatch: 4));
    }

    [Fact]
    public void Ranks_number_their_images_without_overlap()
    {
        IEnumerable<int> first = BatchRecord.Epoch(
            new SyntheticStream(51), Options with { Rank = 0, Ranks = 2 }, 0).SelectMany(batch => batch.Indices);
        IEnumerable<int> second = BatchRecord.Epoch(
            new SyntheticStream(51), Options with { Rank = 1, Ranks = 2 }, 0).SelectMany(batch => batch.Indices);

        Assert.Equal(Enumerable.Range(0, 25).Select(place => 2 * place), first);
        Assert.Equal(Enumerable.Range(0, 25).Select(place => (2 * place) + 1), second);
    }

    [Fact]
    public void A_corrupt_image_of_a_stream_is_replaced_and_recorded_where_it_lies()
    {
        SyntheticStream stream = new(40);
        stream.Broken.Add(20);

        List<BatchRecord> batches = BatchRecord.Epoch(stream, Options with { Shuffle = false }, 0);

        Assert.Equal((19, 19), (batches[1].Indices[3], batches[1].Indices[4]));
        Assert.Equal([new SourceError("stream.tar/20.jpg", "no image")], stream.Errors.First);
    }

    [Fact]
    public void Corrupt_images_of_a_stream_that_does_not_say_where_they_lie_are_told_by_their_numbers()
    {
        SyntheticStream stream = new(40) { Locates = false };
        stream.Broken.UnionWith([20, 30]);

        BatchRecord.Epoch(stream, Options with { Shuffle = false }, 0);

        Assert.Equal(
            ["synthetic stream, image 20", "synthetic stream, image 30"],
            stream.Errors.First.Select(error => error.Location).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_damaged_stream_delivers_what_comes_before_the_damage_and_then_says_so(int workers)
    {
        SyntheticStream stream = new(100) { DamagedAt = 37 };
        Assert.Equal((2, "synthetic stream, image 37: could not be loaded. shard 3.tar is damaged"), Read(stream, workers));
        Assert.Equal(0, stream.Opened);

        stream = new SyntheticStream(100) { EndsAt = 50 };
        Assert.Equal(
            (3, "synthetic stream, image 50: could not be loaded. The stream ended after 50 images; expected 100, as its count says."),
            Read(stream, workers));
    }

    [Fact]
    public void A_stream_around_another_may_give_each_image_twice()
    {
        using TemporaryFolder folder = new();
        string shard = ShardFile.Write(folder, "a.tar", [.. Enumerable.Range(0, 10).Select(number =>
            ($"{number}.ppm", $"P3 8 8 255 {string.Join(' ', Enumerable.Repeat(20 * number, 192))}"))]);
        Twice stream = new((IImageStream)ImageSources.Open(shard));
        using SingleViewLoader loader = new(
            stream, AugmentationRecipe.Evaluation(8, Normalize.UnitRange), Options with { Shuffle = false });
        List<float> levels = [];
        foreach (SingleViewBatch batch in loader.Epoch())
        {
            using (batch) levels.AddRange(batch.Views.flatten(1).mean([1L]).data<float>());
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(place => place / 2 * 20 / 255f), levels, (one, other) => Math.Abs(one - other) < 1e-5);
        Assert.Equal(0, stream.Errors.Count);
    }

    [Fact]
    public void A_consumer_that_stops_closes_the_reader_soon()
    {
        SyntheticStream stream = new(10_000) { Delay = TimeSpan.FromMilliseconds(2) };
        using TwoCropLoader loader = new(stream, BatchRecord.Recipe, Options with { Workers = 4 });
        for (int round = 0; round < 5; round++)
        {
            Stopwatch clock = new();
            foreach (TwoCropBatch batch in loader.Epoch(round))
            {
                batch.Dispose();
                Assert.Equal(1, stream.Opened);
                clock.Start();
                break;
            }
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10); // the whole stream takes 20 s and more
            Assert.Equal(0, stream.Opened);
        }
    }

    private static (int Delivered, string Message) Read(SyntheticStream stream, int workers)
    {
        using TwoCropLoader loader = new(stream, BatchRecord.Recipe, Options with { Workers = workers });
        int delivered = 0;
        LoaderException error = Assert.Throws<LoaderException>(() =>
        {
            foreach (TwoCropBatch batch in loader.Epoch(0))
            {
                batch.Dispose();
                delivered++;
            }
        });
        return (delivered, error.Message);
    }

    /// <summary>Another stream's images, each two times.</summary>
    private sealed class Twice(IImageStream inner) : IImageStream
    {
        public string Name => inner.Name;

        public int Channels => inner.Channels;

        public IReadOnlyList<string> Classes => inner.Classes;

        public SourceErrors Errors => inner.Errors;

        public long Count => 2 * inner.Count;

        public IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
        {
            using IEnumerator<EncodedImage> images = inner.Open(seed, epoch, shuffle, rank, ranks, skip / 2);
            while (images.MoveNext())
            {
                yield return images.Current;
                yield return images.Current;
            }
        }

        public void Decode(EncodedImage image, ImageBuffer into) => inner.Decode(image, into);
    }
}
