using MoCo;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;

namespace Quickstart;

/// <summary>What is trained and how.</summary>
/// <param name="ViewSize">Width and height of a view.</param>
/// <param name="Views">The random views that are contrasted.</param>
/// <param name="Options">The run's options, but for seed, and time or epochs.</param>
internal sealed record Recipe(int ViewSize, AugmentationRecipe Views, MoCoOptions Options)
{
    /// <summary>The size of the MNIST family's images.</summary>
    public const int GreySize = 28;

    /// <summary>Up to this size of a view the encoder has the stem for small images.</summary>
    private const int LargestSmallView = 64;

    private static readonly MoCoOptions Common = MoCoOptions.Cifar with
    {
        Backbone = Backbone.ResNet18,
        Width = 0.25,
        Head = HeadKind.Linear,
        EmbeddingDimension = 128,
        QueueLength = 4096,
        KeyMomentum = 0.996,
        Temperature = 0.1,
        BatchNormSplits = 1,
        ShuffleKeys = false,
        BatchSize = 256,
        LearningRate = 0.06,
        WeightDecay = 5e-4,
        // In a run by time, ten epochs are only what the schedule is written for: the rate rises over a hundredth of the time.
        Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.1 },
        Epochs = 10,
        // One loading thread: the training threads use all cores already.
        Workers = 1,
        LogEverySteps = 20,
    };

    /// <summary>For the MNIST family: found by search for the best kNN accuracy in five minutes on two cores. Large crops: where in
    /// the image a garment's parts are tells its class.</summary>
    /// <param name="size">Width and height of a view.</param>
    public static Recipe ForGrey(int size) => new(
        size,
        AugmentationRecipe.Grey(size, minimumArea: 0.88, brightness: 0.5, contrast: 0.5, jitterProbability: 1),
        Common with { InputChannels = 1, Stem = StemFor(size) });

    /// <summary>For photographs: MoCo's own views, v2's above 64 pixels and CIFAR's up to there, with batch and queue fitted to how
    /// many images there are: a queue longer than the data set would hold the query's own image as a negative.</summary>
    /// <param name="size">Width and height of a view.</param>
    /// <param name="images">Images to learn from.</param>
    public static Recipe ForColor(int size, int images)
    {
        int batch = (int)Math.Clamp(PowerOfTwoUpTo(images / 8), 8, 256);
        return new Recipe(
            size,
            size <= LargestSmallView ? AugmentationRecipe.Cifar(size) : AugmentationRecipe.V2(size),
            Common with
            {
                InputChannels = 3,
                Stem = StemFor(size),
                BatchSize = batch,
                QueueLength = (int)Math.Clamp(PowerOfTwoUpTo(images / 2), batch, 4096),
                Head = HeadKind.Mlp,
                KeyMomentum = 0.99,
                // Linear in the batch, as the batch shrinks with the data.
                LearningRate = 0.06 * batch / 256,
                LogEverySteps = 10,
            });
    }

    /// <summary>The run's options, fitted to the number of images.</summary>
    /// <param name="images">Training images.</param>
    /// <param name="seed">The run's seed.</param>
    public MoCoOptions For(int images, int seed) => Options with
    {
        Seed = seed,
        // BatchNorm can't normalise a last batch of one.
        DropLastBatch = images % Options.BatchSize == 1,
    };

    public TwoCropLoader Loader(IImageSource images, MoCoOptions options) => new(images, Views, options.Loader());

    /// <summary>The encoder as it was before the first step: the same seed gives the same weights.</summary>
    public static Encoder Untrained(MoCoOptions options) => Encoder.Create(options.Encoder(), options.Head, options.EmbeddingDimension, options.Seed);

    private static Stem StemFor(int size) => size <= LargestSmallView ? Stem.SmallImageStride2 : Stem.ImageNet;

    private static long PowerOfTwoUpTo(int value) => value < 1 ? 1 : 1L << (31 - int.LeadingZeroCount(value));
}
