using System.Text.Json.Serialization;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using MoCo.Evaluation.Linear;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training;

namespace MoCo;

/// <summary>Everything that a run of MoCo is determined by. The defaults are the paper's (v1, ResNet-50, ImageNet) on one device: BatchNorm
/// over eight groups of shuffled keys stands for the paper's eight GPUs.</summary>
public sealed record MoCoOptions
{
    /// <summary>MoCo v1: linear head, τ 0.07, the rate times 0.1 at epochs 120 and 160 (He et al. 2019).</summary>
    public static MoCoOptions V1 { get; } = new();

    /// <summary>MoCo v2: MLP head, τ 0.2, cosine schedule (Chen et al. 2020).</summary>
    public static MoCoOptions V2 { get; } = new()
    {
        Encoder = new() { Head = HeadKind.Mlp },
        Loss = new() { Temperature = 0.2 },
        Schedule = new CosineSchedule(),
    };

    /// <summary>The authors' CIFAR-10 recipe for one GPU: ResNet-18 with the small-image stem, K 4096, m 0.99, τ 0.1, batch 512.</summary>
    public static MoCoOptions Cifar { get; } = new()
    {
        Encoder = new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage },
        KeyEncoder = new() { Momentum = 0.99 },
        Queue = new() { Length = 4096 },
        Loss = new() { Temperature = 0.1 },
        Optimizer = new() { LearningRate = 0.06, WeightDecay = 5e-4 },
        Schedule = new CosineSchedule(),
        BatchSize = 512,
    };

    /// <summary>MoCo v3 for a ResNet, as the official code has it for 100 epochs: no queue, a predictor, τ 1, m from 0.99 to 1, LARS with
    /// the rate 0.6 for batch 256 and ten epochs of warm-up (Chen, Xie and He 2021). For 300 epochs the rate is 0.3 there, for 1,000 also
    /// the weight decay 1.5e-6 and m 0.996.</summary>
    /// <remarks>The authors' batch is 4096; a batch of any size has its rate in proportion. The views are
    /// <see cref="Augmentation.TwoCropRecipe.V3"/>.</remarks>
    public static MoCoOptions V3 { get; } = new()
    {
        Method = MethodKind.MoCoV3,
        Encoder = new() { Head = HeadKind.BatchNormMlp, EmbeddingDimension = 256, BatchNormSplits = 1 },
        KeyEncoder = new() { Momentum = 0.99, ShuffleBatch = false },
        Loss = new() { Temperature = 1 },
        Optimizer = new() { Kind = OptimizerKind.Lars, LearningRate = 0.6, ScaleLearningRate = true, WeightDecay = 1e-6 },
        Schedule = new CosineSchedule { WarmupEpochs = 10, AfterWarmup = true, PerStep = true },
        Epochs = 100,
    };

    /// <summary>MoCo v3 for a vision transformer: ViT-S/16 with a frozen random patch projection, τ 0.2, m from 0.99 to 1, AdamW with the
    /// rate 1.5e-4 for batch 256 and the weight decay 0.1, 300 epochs, 40 of them warm-up (Chen, Xie and He 2021).</summary>
    /// <remarks>As <see cref="V3"/>; crops begin at 0.08 of an image's area.</remarks>
    public static MoCoOptions V3ViT { get; } = V3 with
    {
        Encoder = V3.Encoder with { Backbone = Backbone.ViTSmall },
        Loss = new() { Temperature = 0.2 },
        Optimizer = new() { Kind = OptimizerKind.AdamW, LearningRate = 1.5e-4, ScaleLearningRate = true, WeightDecay = 0.1 },
        Schedule = new CosineSchedule { WarmupEpochs = 40, AfterWarmup = true, PerStep = true },
        Epochs = 300,
    };

    /// <summary>The way to learn from pairs of views. Default: <see cref="MethodKind.MoCo"/>.</summary>
    public MethodKind Method { get; init; }

    /// <summary>Backbone and projection head of both encoders.</summary>
    public EncoderOptions Encoder { get; init; } = new();

    /// <summary>How the key encoder follows.</summary>
    public KeyEncoderOptions KeyEncoder { get; init; } = new();

    /// <summary>The dictionary of negative keys.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>The contrastive loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>The memory bank; only <see cref="MethodKind.MemoryBank"/> looks at it.</summary>
    public MemoryBankOptions MemoryBank { get; init; } = new();

    /// <summary>The cluster head; only <see cref="MethodKind.ContrastiveClustering"/> looks at it.</summary>
    public ClusteringOptions Clustering { get; init; } = new();

    /// <summary>How gradients become weights.</summary>
    public OptimizationOptions Optimizer { get; init; } = new();

    /// <summary>How the learning rate falls. Default: times 0.1 at epochs 120 and 160.</summary>
    public LearningRateSchedule Schedule { get; init; } = new StepSchedule();

    /// <summary>Arithmetic of the convolutions. Default: <see cref="Precision.Float32"/>.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Images in a batch, at least 2. Default: 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Parts that a batch is computed in, one after another, so that the activations of one take memory at a time; their gradients
    /// add up to one step, the keys enter the queue once, after it. A part computes its share of the groups of
    /// <see cref="EncoderOptions.BatchNormSplits"/>, which makes the step equal to that of the batch as a whole. Only
    /// <see cref="MethodKind.MoCo"/> can be cut so: the others' negatives are the batch. Default: 1.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Keep of the passes with gradient only what goes into each stage of the backbone, and compute the stages again for backward:
    /// less memory for more time, the same numbers. A network that a program registered has no stages that are known. Default:
    /// false.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Leave out the last batch of an epoch if it is not full. Default: false, the queue takes any size.</summary>
    public bool DropLastBatch { get; init; }

    /// <summary>Passes over the data; with <see cref="Duration"/>, only the length that <see cref="Schedule"/> is written for. Default:
    /// 200.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Train for this long instead of a number of epochs, above 0; null: <see cref="Epochs"/> decide. The schedule is stretched
    /// over the time and followed at every step, so that the rate has come down when the time is over, whatever the speed was: of 200
    /// epochs' schedule, epoch 120 is at 60 % of the time. Default: null.</summary>
    /// <remarks>Batches and views are the seed's as ever, but which step gets which rate is the clock's: two timed runs are not equal bit
    /// for bit, unless every step begins at the same share of the time.</remarks>
    public TimeSpan? Duration { get; init; }

    /// <summary>What becomes of a step whose loss or gradients are not finite. Default: <see cref="NonFiniteLoss.Stop"/>.</summary>
    public NonFiniteLoss OnNonFinite { get; init; }

    /// <summary>With <see cref="NonFiniteLoss.Skip"/>, steps in a row that are left out at most; one more ends training. 1 or more.
    /// Default: 3.</summary>
    public int MostSkippedSteps { get; init; } = 3;

    /// <summary>A linear classifier that learns from the batches' labels and the query encoder's features while training runs, to show
    /// what these are worth; the run is bit for bit the same without it. Null, the default: none.</summary>
    public OnlineProbeOptions? Probe { get; init; }

    /// <summary>Seed of the weights, the order, the views and the shuffling. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>The full learning rate for <see cref="BatchSize"/>.</summary>
    [JsonIgnore]
    public double FullLearningRate => Optimizer.RateFor(BatchSize);

    /// <summary>The loader that these options describe; its workers and the like do not change a run.</summary>
    /// <param name="group">The processes that share a batch, of which the loader makes this one's part; null: this one alone.</param>
    public LoaderOptions Loader(ProcessGroup? group = null)
    {
        group ??= ProcessGroup.Single;
        LoaderOptions usual = new();
        return usual with
        {
            BatchSize = BatchSize / group.Size,
            Seed = Seed,
            DropLast = DropLastBatch,
            Rank = group.Rank,
            Ranks = group.Size,
            Workers = Math.Max(1, usual.Workers / group.LocalSize),
        };
    }

    /// <summary>Refuses batches that can't be trained on: <see cref="MoCoTrainer.Fit"/> does so too, a program may want to before hours of
    /// other work.</summary>
    /// <param name="loader">The batches.</param>
    /// <exception cref="ArgumentException">The last of an epoch has one image, too few for BatchNorm, or the backbone takes no views of
    /// that size.</exception>
    public void CheckBatches(TwoCropLoader loader)
    {
        ArgumentNullException.ThrowIfNull(loader);
        foreach (int side in loader.Views.All.Select(recipe => recipe.OutputSize))
            if (Encoder.Backbone?.Architecture?.SideExpected(side) is { } expected)
                throw new ArgumentException(Invariant($"The recipe makes views of {side} pixels; expected {expected}, ")
                    + $"with Encoder.Backbone {Encoder.Backbone}.", nameof(loader));
        if (loader.Count % loader.Options.BatchSize != 1 || DropLastBatch) return;
        string each = loader.Options.Ranks == 1 ? "" : $" for each of {loader.Options.Ranks} processes";
        string few = loader.Count == 1 ? $"has one image{each}, too few for BatchNorm; expected two or more."
            : Invariant($"has {loader.Count:N0} images{each}, which leaves a last batch of one, too few for BatchNorm; ")
                + Invariant($"set DropLastBatch or another BatchSize than {BatchSize}.");
        throw new ArgumentException($"{loader.Source.Name} {few}", nameof(loader));
    }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">There are errors; the message lists all of them, each with the property, its value and what is
    /// allowed.</exception>
    public void Validate() => Validate(1);

    /// <summary>Checks every property, and whether so many processes can share a batch.</summary>
    /// <param name="processes">Processes that share a batch, at least 1: each takes the same part of it, and of BatchNorm's groups.</param>
    /// <exception cref="ArgumentException">There are errors; the message lists all of them, each with the property, its value and what is
    /// allowed.</exception>
    public void Validate(int processes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processes, 1);
        int keysPerSample = Loss?.Symmetric is null or SymmetricLoss.Off ? 1 : 2;
        int splits = Encoder?.BatchNormSplits ?? 1;
        long passes = processes * (long)MicroBatches;
        OptionErrors errors = new OptionErrors("The options have errors")
            .CheckDefined(Method)
            .CheckPart(Encoder, encoder => encoder.Check)
            .CheckPart(KeyEncoder, keys => keys.Check)
            .CheckPart(Queue, queue => found => queue.Check(found, Method == MethodKind.MoCo ? (long)BatchSize * keysPerSample : 1))
            .CheckPart(MemoryBank, bank => found =>
            {
                if (Method == MethodKind.MemoryBank) bank.Check(found);
            })
            .CheckPart(Clustering, clustering => clustering.Check)
            .CheckPart(Loss, loss => loss.Check)
            .CheckPart(Optimizer, optimizer => optimizer.Check)
            .CheckPart(Schedule, schedule => schedule.Check)
            .CheckDefined(Precision)
            .Check(Precision == Precision.Float32 || Encoder?.Backbone?.Architecture is not OwnArchitecture, Precision,
                $"Float32 with Encoder.Backbone {Encoder?.Backbone}, a network whose arithmetic is its own")
            .Check(!GradientCheckpointing || Encoder?.Backbone?.Architecture is not OwnArchitecture, GradientCheckpointing,
                $"false with Encoder.Backbone {Encoder?.Backbone}, a network whose stages are not known")
            .Check(KeyEncoder?.Sharing != KeyEncoderSharing.Partial || Encoder?.Backbone?.Architecture is ResNetArchitecture or null,
                KeyEncoder?.Sharing, $"Separate or Shared with Encoder.Backbone {Encoder?.Backbone}: residual networks alone have stages",
                "KeyEncoder.Sharing")
            .Check(BatchSize is >= 2 and <= 1 << 20, BatchSize, $"2 to {1 << 20}, since BatchNorm needs two samples")
            .Check(splits <= 1 || BatchSize < 2 || BatchSize >= 2 * splits, BatchSize,
                $"{2 * splits} or more, two samples for each of the {splits} groups of Encoder.BatchNormSplits")
            .Check(processes == 1 || (BatchSize % processes == 0 && BatchSize >= 2L * processes), BatchSize,
                $"a multiple of {processes}, the processes, of two images or more for each")
            .Check(splits % processes == 0 || Encoder?.HasStemAndBatchNorm == false, splits,
                $"a multiple of {processes}, the processes, each of which computes the BatchNorm of its own part of the batch",
                "Encoder.BatchNormSplits")
            .Check(MicroBatches >= 1, MicroBatches, "1 or more")
            .Check(MicroBatches <= 1 || splits % passes == 0, splits,
                $"a multiple of {passes}: each of MicroBatches computes the BatchNorm of its own part of a process's batch",
                "Encoder.BatchNormSplits")
            .Check(processes == 1 || Encoder?.Head != HeadKind.BatchNormMlp || Method is not (MethodKind.MoCo or MethodKind.MemoryBank),
                Encoder?.Head, $"another head for {processes} processes with Method {Method}: this one's BatchNorm sees the whole batch",
                "Encoder.Head")
            .Check(MicroBatches <= 1 || Encoder?.Head != HeadKind.BatchNormMlp, Encoder?.Head,
                $"another head with {MicroBatches} MicroBatches: this one's BatchNorm sees the whole batch", "Encoder.Head")
            .CheckDefined(OnNonFinite)
            .Check(MostSkippedSteps >= 1, MostSkippedSteps, "1 or more")
            .Check(Epochs >= 1, Epochs, "1 or more")
            .Check(Duration is null || Duration > TimeSpan.Zero, Duration, "above 0, or null to train by epochs");
        if (new object?[] { Encoder, KeyEncoder, Queue, Loss }.All(part => part is not null)) CheckMethod(errors);
        if (Probe is not null) errors.CheckPart(Probe, probe => probe.Check);
        errors.ThrowIfAny();
    }

    private static string? MixingText(MixingOptions? mixing) =>
        mixing is null ? null : $"{mixing.Hardest},{mixing.Pairs},{mixing.WithQuery}";

    /// <summary>What a method has no use for is refused, so that nobody believes in an effect.</summary>
    private void CheckMethod(OptionErrors errors)
    {
        bool isMoCo = Method == MethodKind.MoCo, isEndToEnd = Method == MethodKind.EndToEnd;
        bool isOneWay = Loss.Symmetric == SymmetricLoss.Off, isShared = KeyEncoder.Sharing == KeyEncoderSharing.Shared;
        string with = $"with Method {Method}", noQueue = $"{with}, which has no queue";
        errors
            .Check(isMoCo || isEndToEnd || isOneWay, Loss.Symmetric, $"Off {with}")
            .Check(!isEndToEnd || !isShared || isOneWay, Loss.Symmetric,
                "Off with Method EndToEnd and KeyEncoder.Sharing Shared, whose NT-Xent goes both ways")
            .Check(isMoCo || isEndToEnd || KeyEncoder.Sharing == KeyEncoderSharing.Separate, KeyEncoder.Sharing, $"Separate {with}")
            .Check(isMoCo || MicroBatches == 1, MicroBatches, $"1 {with}")
            .Check(MicroBatches == 1 || Loss.Mixing is null, MixingText(Loss.Mixing), "null with MicroBatches above 1", "Loss.Mixing")
            .Check(KeyEncoder.FinalMomentum is null || ((isMoCo || Method == MethodKind.MoCoV3) && !isShared), KeyEncoder.FinalMomentum,
                $"null {with} and KeyEncoder.Sharing {KeyEncoder.Sharing}, where no key encoder follows", "KeyEncoder.FinalMomentum")
            .Check(isMoCo || Loss.Mixing is null, MixingText(Loss.Mixing), $"null {noQueue} to mix from", "Loss.Mixing")
            .Check(!isMoCo || Duration is not null || !(Loss.Mixing?.FromEpoch >= Epochs), Loss.Mixing?.FromEpoch,
                $"below {Epochs}, the run's epochs, or nothing is ever mixed", "Loss.Mixing.FromEpoch")
            .Check(!isMoCo || !(Loss.Mixing?.Hardest > Queue.Length), Loss.Mixing?.Hardest,
                $"at most {Queue.Length}, the keys of the queue (Queue.Length)", "Loss.Mixing.Hardest")
            .Check(isMoCo || Queue.LeaveOut == KeyExclusion.None, Queue.LeaveOut, $"None {noQueue}")
            .Check(isMoCo || !Queue.TrackSlots, Queue.TrackSlots, $"false {noQueue}")
            .Check(Method != MethodKind.MoCoV3 || Encoder.Head == HeadKind.BatchNormMlp, Encoder.Head, $"BatchNormMlp {with}");
    }
}
