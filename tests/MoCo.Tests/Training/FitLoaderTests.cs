using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Loading;
using MoCo.Training;

namespace MoCo.Tests.Training;

/// <summary>What <see cref="MoCoTrainer.Fit"/> asks of a loader.</summary>
public sealed class FitLoaderTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Fact]
    public void A_stream_trains_like_the_same_images_read_by_number()
    {
        LoaderOptions unshuffled = Short.Loader() with { Shuffle = false };
        using TwoCropLoader stream = new(new SyntheticStream(58), AugmentationRecipe.Grey(16), unshuffled);
        using TwoCropLoader source = new(new SyntheticImages(58), AugmentationRecipe.Grey(16), unshuffled);
        using MoCoTrainer first = ResumeTests.Start(Short), second = ResumeTests.Start(Short);

        Assert.Equal(116, first.Fit(stream).Images);
        second.Fit(source);

        Snapshot.Same(Snapshot.Of(first), Snapshot.Of(second));
    }

    [Fact]
    public void A_corrupt_image_does_not_stop_training()
    {
        SyntheticImages source = new(58);
        source.Broken.Add(30);
        using TwoCropLoader loader = new(source, AugmentationRecipe.Grey(16), Short.Loader() with { MaximumErrorShare = 0.02 });
        using MoCoTrainer trainer = ResumeTests.Start(Short);

        Assert.Equal(116, trainer.Fit(loader).Images);
        Assert.Equal(1, source.Errors.Count);
    }

    [Fact]
    public void A_cancel_while_images_are_awaited_ends_the_run()
    {
        using ManualResetEventSlim gate = new();
        SyntheticImages source = new(58) { Hold = (40, gate) };
        using TwoCropLoader loader = new(source, AugmentationRecipe.Grey(16), Short.Loader() with { Shuffle = false, Workers = 1 });
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        using CancellationTokenSource cancellation = new(TimeSpan.FromSeconds(2));

        FitResult result = trainer.Fit(loader, null, cancellation.Token);

        gate.Set();
        Assert.True(result.Cancelled);
        Assert.InRange(result.Steps, 0, 3);
        Assert.Equal((0, (int)result.Steps), (trainer.Epoch, trainer.Batch));
    }

    [Fact]
    public void Loaders_that_do_not_fit_are_refused()
    {
        Refused("as they are ready; expected them in order", Short.Loader() with { Ordered = false });
        Refused("bfloat16 views; expected float32 for an encoder of Precision Float32",
            Short.Loader() with { BFloat16 = true });
        Refused("49 images, which leaves a last batch of one", Short.Loader(), 49);
        Refused("The loader is that of rank 0 of 2; expected rank 0 of 1", Short.Loader() with { Ranks = 2 }, 98);
        using (TwoCropLoader half = new(new SyntheticImages(98), AugmentationRecipe.Grey(16), Short.Loader() with { Ranks = 2 }))
            Assert.Contains("49 images for each of 2 processes, which leaves a last batch of one",
                Assert.Throws<ArgumentException>(() => Short.CheckBatches(half)).Message, StringComparison.Ordinal);
        Refused("is a stream, in which an image has another place in every epoch, and Queue.LeaveOut OwnImage knows keys by their images' "
            + "numbers", Short.Loader(), of: Short with { Queue = new() { Length = 64, LeaveOut = KeyExclusion.OwnImage } });
        MoCoOptions bank = Short with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = 57 } };
        Refused("and a memory bank has a row for each number; expected an IImageSource", Short.Loader(), of: bank);
        Refused("has 58 images; expected at most 57, the rows of the memory bank", Short.Loader(), of: bank, isStream: false);

        static void Refused(string because, LoaderOptions options, int count = 58, MoCoOptions? of = null, bool isStream = true)
        {
            using TwoCropLoader loader = isStream ? new(new SyntheticStream(count), AugmentationRecipe.Grey(16), options)
                : new(new SyntheticImages(count), AugmentationRecipe.Grey(16), options);
            using MoCoTrainer trainer = ResumeTests.Start(of ?? Short);
            Assert.Contains(because, Assert.Throws<ArgumentException>(() => trainer.Fit(loader)).Message, StringComparison.Ordinal);
        }
    }
}
