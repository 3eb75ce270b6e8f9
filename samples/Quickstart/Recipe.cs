using MoCo;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Training;

namespace Quickstart;

/// <summary>The one place that says what is trained and how: found by search for the best kNN accuracy in five minutes on two cores.</summary>
internal static class Recipe
{
    /// <summary>Width and height of a view, the size of the MNIST family's pictures.</summary>
    public const int ViewSize = 28;

    /// <summary>More epochs than this are only made if asked for: they bring little.</summary>
    public const int MostEpochs = 60;

    public static MoCoOptions Options { get; } = MoCoOptions.Cifar with
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImageStride2,
        Width = 0.25,
        InputChannels = 1,
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
        Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.1 },
        // One loading thread: the training threads use all cores already.
        Workers = 1,
        LogEverySteps = 20,
    };

    /// <summary>The random views that are contrasted. Large crops: where in the picture a garment's parts are tells its class.</summary>
    public static AugmentationRecipe Views { get; } = AugmentationRecipe.Grey(ViewSize, minimumArea: 0.88, brightness: 0.5, contrast: 0.5, jitterProbability: 1);

    /// <summary>The run's options, fitted to the number of pictures.</summary>
    /// <param name="pictures">Training pictures.</param>
    /// <param name="seed">The run's seed.</param>
    public static MoCoOptions For(int pictures, int seed) => Options with
    {
        Seed = seed,
        // BatchNorm can't normalise a last batch of one.
        DropLastBatch = pictures % Options.BatchSize == 1,
    };

    public static TwoCropLoader Loader(IImageSource pictures, MoCoOptions options) => new(pictures, Views, options.Loader());

    /// <summary>The encoder as it was before the first step: the same seed gives the same weights.</summary>
    public static Encoder Untrained(MoCoOptions options) => Encoder.Create(options.Encoder(), options.Head, options.EmbeddingDimension, options.Seed);
}
