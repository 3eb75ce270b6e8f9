using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class LoaderErrorTests
{
    private static readonly LoaderOptions InOrder = new() { BatchSize = 16, Shuffle = false, MaximumErrorShare = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_corrupt_image_s_row_holds_the_views_of_the_nearest_good_one_before_it_in_its_batch(int workers)
    {
        List<BatchRecord> sound = BatchRecord.Epoch(new SyntheticImages(40), InOrder, 0);
        SyntheticImages source = new(40);
        source.Broken.UnionWith([5, 16, 17, 38, 39]);

        List<BatchRecord> found = BatchRecord.Epoch(source, InOrder with { Workers = workers }, 0);

        // 16 and 17 begin a batch: before them, the batch as a ring, is its last image.
        (int Bad, int Good)[] places = [(5, 4), (16, 31), (17, 31), (38, 37), (39, 37)];
        for (int index = 0; index < 40; index++)
        {
            int shown = Array.Find(places, pair => pair.Bad == index) is { Bad: > 0 } replaced ? replaced.Good : index;
            Assert.Equal(shown, found[index / 16].Indices[index % 16]);
            Assert.Equal(shown % 4, found[index / 16].Labels[index % 16]);
            Assert.Equal(sound[shown / 16].Row(shown % 16), found[index / 16].Row(index % 16));
        }
    }

    [Fact]
    public void Corrupt_images_are_recorded_and_logged_once_however_often_they_are_met()
    {
        SyntheticImages source = new(40);
        source.Broken.UnionWith([5, 38]);
        LineLogger log = new();
        using TwoCropLoader loader = new(source, BatchRecord.Recipe, InOrder, logger: log);

        for (int epoch = 0; epoch < 3; epoch++) Assert.Equal(40, loader.Epoch(epoch).Sum(batch => BatchRecord.Of(batch).Indices.Length));

        Assert.Equal(2, source.Errors.Count);
        Assert.Equal(["photo38.jpg: corrupt", "photo5.jpg: corrupt"], source.Errors.First.Select(error => error.ToString()).Order());
        Assert.Equal(
            ["photo38.jpg cannot be read and is skipped: corrupt", "photo5.jpg cannot be read and is skipped: corrupt"], log.Lines.Order());
        Assert.Equal(6, loader.Statistics.Errors);
    }

    [Fact]
    public void What_a_stream_records_by_itself_is_logged_once_too()
    {
        using TemporaryFolder folder = new();
        ShardFile.Write(
            folder, "a.tar", ("1.jpg", "one"), ("1.cls", "0"), ("2.jpg", "two"), ("2.cls", "none"), ("3.jpg", "three"), ("3.cls", "1"));
        File.WriteAllBytes(folder.File("b.tar"), File.ReadAllBytes(folder.File("a.tar"))[..1536]);
        TarShards shards = new(folder.File("{a,b}.tar"), ByteDecoder.Options with { ImagesPerEpoch = 4 });
        LineLogger log = new();
        using TwoCropLoader loader = new(shards, AugmentationRecipe.V2(8), InOrder with { Workers = 2 }, logger: log);

        for (int epoch = 0; epoch < 2; epoch++) Assert.Equal(4, loader.Epoch(epoch).Sum(batch => BatchRecord.Of(batch).Indices.Length));

        Assert.Equal(2, shards.Errors.Count);
        Assert.Equal(shards.Errors.First.Select(error => $"{error.Location} cannot be read and is skipped: {error.Reason}"), log.Lines);
    }

    [Fact]
    public void More_errors_than_allowed_stop_the_run_with_their_list()
    {
        SyntheticImages source = new(1000);
        source.Broken.UnionWith(Enumerable.Range(0, 12).Select(i => i * 80));
        using TwoCropLoader loader = new(source, BatchRecord.Recipe, new() { BatchSize = 16, Shuffle = false, Workers = 1 });

        LoaderException error = Assert.Throws<LoaderException>(() => loader.Epoch(0).Count(batch => BatchRecord.Of(batch).Number >= 0));

        Assert.Equal((800, 11), (error.Index, error.Errors.Count));
        Assert.Equal(
            "synthetic images: 11 of 1000 images could not be read (1.10 %); at most 1.00 % are allowed "
            + "(LoaderOptions.MaximumErrorShare). The first:\n"
            + string.Join('\n', Enumerable.Range(0, 10).Select(i => $"photo{i * 80}.jpg: corrupt")),
            error.Message);
    }

    [Fact]
    public void Just_as_many_errors_as_allowed_do_not_stop_the_run()
    {
        SyntheticImages source = new(1000);
        source.Broken.UnionWith(Enumerable.Range(0, 10).Select(i => i * 80));

        Assert.Equal(63, BatchRecord.Epoch(source, InOrder with { MaximumErrorShare = 0.01 }, 0).Count);
        Assert.Equal(10, source.Errors.Count);
    }

    [Fact]
    public void The_error_too_many_is_not_lost_in_the_last_batch()
    {
        for (int round = 0; round < 30; round++)
        {
            SyntheticImages source = new(64);
            source.Broken.Add(63);
            Assert.Throws<LoaderException>(() => BatchRecord.Epoch(source, InOrder with { MaximumErrorShare = 0, Workers = 3 }, 0));
        }
    }

    [Theory]
    [InlineData(0.01, 10, false)]
    [InlineData(0.01, 11, true)]
    [InlineData(0.5, 25, false)]
    [InlineData(0.5, 26, true)]
    [InlineData(0, 1, true)]
    public void Of_fifty_images_ten_may_be_bad_whatever_the_share_but_for_none(double share, int bad, bool stops)
    {
        SyntheticImages source = new(50);
        source.Broken.UnionWith(Enumerable.Range(0, bad).Select(i => i * 7 % 50));
        void Read() => BatchRecord.Epoch(source, InOrder with { MaximumErrorShare = share, BatchSize = 50 }, 0);

        if (stops) Assert.Throws<LoaderException>(Read);
        else Read();
        Assert.InRange(source.Errors.Count, 1, bad);
    }

    [Fact]
    public void Subsets_share_their_source_s_record_but_each_loader_counts_for_itself()
    {
        SyntheticImages source = new(200);
        source.Broken.UnionWith([3, 103]);
        IImageSource[] halves = [source.Subset(Enumerable.Range(0, 100)), source.Subset(Enumerable.Range(100, 100))];

        // One of a hundred in each half is just allowed.
        Assert.All(halves, half => Assert.Equal(7, BatchRecord.Epoch(half, InOrder with { MaximumErrorShare = 0.01 }, 0).Count));

        Assert.Equal(
            ["photo103.jpg: corrupt", "photo3.jpg: corrupt"],
            source.Errors.First.Select(error => error.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(2, source.Errors.Count);
    }

    [Fact]
    public void A_batch_without_any_good_image_ends_training()
    {
        SyntheticImages source = new(40);
        source.Broken.UnionWith(Enumerable.Range(16, 16));

        LoaderException error = Assert.Throws<LoaderException>(() => BatchRecord.Epoch(source, InOrder, 0));

        Assert.StartsWith(
            "synthetic images, batch 1: could not be loaded. None of its 16 images could be read; the first: photo", error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_failing_program_reaches_the_caller_with_the_image_s_path_after_the_batches_before_it(int workers)
    {
        SyntheticImages source = new(100);
        source.Crashing.UnionWith([37, 38, 90]);
        using TwoCropLoader loader = new(source, BatchRecord.Recipe, InOrder with { Workers = workers });
        int delivered = 0;

        LoaderException error = Assert.Throws<LoaderException>(() =>
        {
            foreach (TwoCropBatch batch in loader.Epoch(0))
            {
                batch.Dispose();
                delivered++;
            }
        });

        Assert.Equal(2, delivered);
        Assert.Equal(("synthetic images", 37), (error.SourceName, error.Index));
        Assert.Equal("photo37.jpg: could not be loaded. no such thing", error.Message);
        Assert.IsType<NotSupportedException>(error.InnerException);
        Assert.Equal(0, source.Errors.Count);
        source.Crashing.Clear();
        Assert.Equal(7, loader.Epoch(0).Count(batch => BatchRecord.Of(batch).Number >= 0));
    }

    [Fact]
    public void A_step_that_fails_is_no_error_of_the_image_even_if_it_says_so()
    {
        SyntheticImages source = new(20);
        using TwoCropLoader loader = new(source, BatchRecord.Recipe.Then(new FailingStep()), InOrder);

        LoaderException error = Assert.Throws<LoaderException>(() => loader.Epoch(0).First());

        Assert.Equal("photo0.jpg: could not be loaded. the step's own", error.Message);
        Assert.Equal(0, source.Errors.Count);
    }

    [Fact]
    public void A_missing_file_is_a_error_like_a_corrupt_one()
    {
        MissingFiles source = new();
        Assert.Equal(2, BatchRecord.Epoch(source, InOrder, 0).Count);
        Assert.Equal(["a0.jpg: Could not find it.", "a7.jpg: not yours"], source.Errors.First.Select(error => error.ToString()).Order());
    }

    [Fact]
    public void What_was_planned_for_an_image_whose_step_failed_is_not_done_to_the_next()
    {
        SyntheticImages source = new(40, channels: 3);
        // At the last view of the last image, so that the next is made by the same worker's memory in another pass.
        FailingOnce step = new(call: 80);
        AugmentationRecipe recipe = new(
            8, [new RandomResizedCrop(8), new Solarize(1), step, new Solarize(1)], AugmentationRecipe.Cifar(8).Normalization);
        using TwoCropLoader loader = new(source, recipe, InOrder with { Workers = 1 });
        Assert.Throws<LoaderException>(() => loader.Epoch(0).Count(batch => BatchRecord.Of(batch).Number >= 0));

        using TwoCropLoader fresh = new(source, recipe, InOrder with { Workers = 1 });
        BatchRecord.AssertEqual([.. fresh.Epoch(0).Select(BatchRecord.Of)], [.. loader.Epoch(0).Select(BatchRecord.Of)]);
    }

    private sealed class FailingOnce(int call) : AugmentationStep
    {
        private int calls;

        public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
        {
            if (++calls != call) return;
            // As a step does that plans and then fails.
            scratch.Color.Add(new MoCo.Augmentation.Color.ColorOperation(MoCo.Augmentation.Color.ColorOperationKind.Grayscale, 0));
            throw new InvalidDataException("once");
        }
    }

    private sealed class FailingStep : AugmentationStep
    {
        public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
            => throw new InvalidDataException("the step's own");
    }

    private sealed class MissingFiles : IImageSource
    {
        private readonly SyntheticImages images = new(30);

        public string Name => "a";

        public int Channels => 1;

        public IReadOnlyList<string> Classes => [];

        public SourceErrors Errors { get; } = new();

        public int Count => 30;

        public int? Label(int index) => null;

        public string Locate(int index) => $"a{index}.jpg";

        public void Read(int index, ImageBuffer into)
        {
            if (index == 0) throw new FileNotFoundException("Could not find it.");
            if (index == 7) throw new UnauthorizedAccessException("not yours");
            images.Read(index, into);
        }
    }

    private sealed class LineLogger : ILogger
    {
        internal List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines) Lines.Add(formatter(state, exception));
        }
    }
}
