using MoCo.Optimization;

namespace Quickstart;

/// <summary>What is trained and how.</summary>
/// <param name="Options">The run's options, but for seed, and time or epochs.</param>
internal sealed record Recipe(AugmentationRecipe Views, MoCoOptions Options)
{
    /// <summary>Up to this size of a view the encoder has the stem for small images, and color images CIFAR's views, else v2's.</summary>
    private const int LargestSmallView = 64;

    /// <summary>What differs from the authors' recipe for CIFAR-10.</summary>
    private static readonly MoCoOptions Common = MoCoOptions.Cifar with
    {
        Encoder = MoCoOptions.Cifar.Encoder with { Width = 0.25, BatchNormSplits = 1 },
        KeyEncoder = new() { Momentum = 0.996, ShuffleBatch = false },
        BatchSize = 256,
        // In a run by time, ten epochs are only what the schedule is written for: the rate rises over a hundredth of the time.
        Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.1 },
        Epochs = 10,
    };

    /// <param name="size">Width and height of a view; null: 28 for grey images, the usual shorter side of others.</param>
    public static Recipe For(IImageSource images, int? size) =>
        images.Channels == 1 ? ForGrey(size ?? 28) : ForColor(size ?? UsualSide(images), images.Count);

    /// <summary>For the MNIST family: found by search for the best kNN accuracy in five minutes on two cores. Large crops: where in the
    /// image a garment's parts are tells its class.</summary>
    private static Recipe ForGrey(int size) => new(
        AugmentationRecipe.Grey(size, minimumArea: 0.88, brightness: 0.5, contrast: 0.5, jitterProbability: 1),
        Common with { Encoder = Common.Encoder with { Stem = StemFor(size) } });

    /// <summary>For photographs: MoCo's own views, with batch and queue fitted to how many images there are: a queue longer than the data
    /// set would hold the query's own image as a negative.</summary>
    private static Recipe ForColor(int size, int images)
    {
        int batch = (int)Math.Clamp(PowerOfTwoUpTo(images / 8), 8, 256);
        return new Recipe(size <= LargestSmallView ? AugmentationRecipe.Cifar(size) : AugmentationRecipe.V2(size), Common with
        {
            Encoder = Common.Encoder with { Stem = StemFor(size), Head = HeadKind.Mlp },
            KeyEncoder = Common.KeyEncoder with { Momentum = 0.99 },
            BatchSize = batch,
            Queue = new() { Length = (int)Math.Clamp(PowerOfTwoUpTo(images / 2), batch, 4096) },
            // Linear in the batch, as the batch shrinks with the data.
            Optimizer = Common.Optimizer with { LearningRate = 0.06 * batch / 256 },
        });
    }

    private static Stem StemFor(int size) => size <= LargestSmallView ? Stem.SmallImageStride2 : Stem.ImageNet;

    private static long PowerOfTwoUpTo(int value) => value < 1 ? 1 : 1L << (31 - int.LeadingZeroCount(value));

    /// <summary>The median shorter side of some images, in steps of 16, 16 to 128: what a small machine trains on in minutes.</summary>
    /// <exception cref="UsageException">None of them can be read.</exception>
    private static int UsualSide(IImageSource images)
    {
        IImageSource looked = images.Spread(25);
        ImageBuffer image = new();
        int[] sides = [.. Enumerable.Range(0, looked.Count).Select(Side).OfType<int>().Order()];
        return sides.Length > 0 ? Math.Clamp(sides[sides.Length / 2] / 16 * 16, 16, 128)
            : throw new UsageException($"None of {looked.Count} images looked at can be read; the first: {looked.Locate(0)}");

        int? Side(int index)
        {
            try
            {
                looked.Read(index, image);
                return Math.Min(image.Width, image.Height);
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
