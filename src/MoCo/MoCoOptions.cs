using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;

namespace MoCo;

/// <summary>
/// Everything that a run of MoCo is determined by. The defaults are the paper's (v1, ResNet-50, ImageNet) on one device:
/// BatchNorm over eight groups of shuffled keys stands for the paper's eight GPUs.
/// </summary>
public sealed record MoCoOptions
{
    /// <summary>MoCo v1: linear head, τ 0.07, the rate times 0.1 at epochs 120 and 160 (He et al. 2019).</summary>
    public static MoCoOptions V1 { get; } = new();

    /// <summary>MoCo v2: MLP head, τ 0.2, cosine schedule (Chen et al. 2020).</summary>
    public static MoCoOptions V2 { get; } = new() { Head = HeadKind.Mlp, Temperature = 0.2, Schedule = new CosineSchedule() };

    /// <summary>The authors' CIFAR-10 recipe for one GPU: ResNet-18 with the small-image stem, K 4096, m 0.99, τ 0.1, batch 512.</summary>
    public static MoCoOptions Cifar { get; } = new()
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImage,
        QueueLength = 4096,
        KeyMomentum = 0.99,
        Temperature = 0.1,
        BatchSize = 512,
        LearningRate = 0.06,
        WeightDecay = 5e-4,
        Schedule = new CosineSchedule(),
    };

    /// <summary>The encoder's architecture. Default: <see cref="Backbone.ResNet50"/>.</summary>
    public Backbone Backbone { get; init; } = Backbone.ResNet50;

    /// <summary>The encoder's first layers. Default: <see cref="Stem.ImageNet"/>.</summary>
    public Stem Stem { get; init; } = Stem.ImageNet;

    /// <summary>Channels of the images, 1 or 3. Default: 3.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Factor on the encoder's widths, 0.0625–8. Default: 1.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Projection head. Default: <see cref="HeadKind.Linear"/>.</summary>
    public HeadKind Head { get; init; } = HeadKind.Linear;

    /// <summary>Length of an embedding, 1–65,536. Default: 128.</summary>
    public int EmbeddingDimension { get; init; } = 128;

    /// <summary>K, the number of negative keys, at least one batch's. Default: 65,536.</summary>
    public int QueueLength { get; init; } = 65536;

    /// <summary>m of the momentum update, 0–1. Default: 0.999.</summary>
    public double KeyMomentum { get; init; } = 0.999;

    /// <summary>τ of InfoNCE, above 0. Default: 0.07.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Groups of a batch that BatchNorm sees apart, 1 for plain BatchNorm. Default: 8.</summary>
    public int BatchNormSplits { get; init; } = 8;

    /// <summary>Shuffle the key batch before the key encoder (ShuffleBN). Default: true.</summary>
    public bool ShuffleKeys { get; init; } = true;

    /// <summary>Whether both views serve as query. Default: off.</summary>
    public SymmetricLoss Symmetric { get; init; } = SymmetricLoss.Off;

    /// <summary>Keep sample index and step beside each key of the queue. Default: false.</summary>
    public bool TrackQueue { get; init; }

    /// <summary>How many logits may exist at a time, at least 1024; null for the device's default. Default: null.</summary>
    public long? BlockLogits { get; init; }

    /// <summary>Arithmetic of the convolutions. Default: <see cref="Precision.Float32"/>.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Images in a batch, at least 2. Default: 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Leave out the last batch of an epoch if it is not full. Default: false, the queue takes any size.</summary>
    public bool DropLastBatch { get; init; }

    /// <summary>Passes over the data; with <see cref="Duration"/>, only the length that <see cref="Schedule"/> is written for. Default: 200.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>
    /// Train for this long instead of a number of epochs, above 0; null: <see cref="Epochs"/> decide. The schedule is stretched
    /// over the time and followed at every step, so that the rate has come down when the time is over, whatever the speed was:
    /// of 200 epochs' schedule, epoch 120 is at 60 % of the time. Default: null.
    /// </summary>
    /// <remarks>Batches and views are the seed's as ever, but which step gets which rate is the clock's: two timed runs are not
    /// equal bit for bit, unless every step begins at the same share of the time.</remarks>
    public TimeSpan? Duration { get; init; }

    /// <summary>Full learning rate, above 0. Default: 0.03.</summary>
    public double LearningRate { get; init; } = 0.03;

    /// <summary>Take <see cref="LearningRate"/> as that of batch 256 and scale it with the batch (Goyal et al. 2017). Default: false.</summary>
    public bool ScaleLearningRate { get; init; }

    /// <summary>How the rate falls. Default: times 0.1 at epochs 120 and 160.</summary>
    public LearningRateSchedule Schedule { get; init; } = new StepSchedule();

    /// <summary>Momentum of SGD, 0 to below 1. Default: 0.9.</summary>
    public double SgdMomentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of it. Default: false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, 0 or more. Default: 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Decay BatchNorm's parameters and biases too, as the paper does. Default: true.</summary>
    public bool DecayAll { get; init; } = true;

    /// <summary>Seed of the weights, the order, the views and the shuffling. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Threads that load images. Default: all processors but one.</summary>
    public int Workers { get; init; } = new LoaderOptions().Workers;

    /// <summary>Steps between two looks at loss and measures (the only waits for a GPU), at least 1. Default: 20.</summary>
    public int LogEverySteps { get; init; } = 20;

    /// <summary>The full learning rate for this batch size.</summary>
    public double BaseLearningRate() => ScaleLearningRate ? LearningRate * BatchSize / 256 : LearningRate;

    /// <summary>The encoder that these options describe.</summary>
    public ResNetOptions Encoder() => new()
    {
        Backbone = Backbone,
        Stem = Stem,
        InputChannels = InputChannels,
        Width = Width,
        BatchNormSplits = BatchNormSplits,
        Precision = Precision,
    };

    /// <summary>The loader that these options describe.</summary>
    public LoaderOptions Loader() => new() { BatchSize = BatchSize, Seed = Seed, Workers = Workers, DropLast = DropLastBatch };

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">There are errors; the message lists all of them, each with the property, its value and what is allowed.</exception>
    public void Validate() => MoCoOptionsErrors.ThrowIfAny(this);
}
