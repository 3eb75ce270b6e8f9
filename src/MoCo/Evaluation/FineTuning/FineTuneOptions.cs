using MoCo.Evaluation.Linear;
using MoCo.Optimization;

namespace MoCo.Evaluation.FineTuning;

/// <summary>How a whole network is trained on labels from an encoder's weights. The defaults are for residual networks: SGD at the rate of
/// 0.025 that the MoCo paper's fine-tuning on iNaturalist begins with, over 100 epochs, a tenth of it after 70 % and a hundredth after
/// 90 %.</summary>
public sealed record FineTuneOptions : ClassifierOptions
{
    /// <summary>The recipe for residual networks.</summary>
    public FineTuneOptions()
        : this(100, (0.7, 0.1), (0.9, 0.01)) => WeightDecay = 1e-4;

    private FineTuneOptions(int epochs, (double From, double Factor) later, (double From, double Factor) last)
        : base(epochs, later, last)
    {
    }

    /// <summary>For residual networks, at batches of 256.</summary>
    public static FineTuneOptions ResNet { get; } = new();

    /// <summary>For vision transformers, at batches of 512: the defaults of DeiT (Touvron et al. 2021) with which MoCo v3's authors
    /// fine-tune, over their 150 epochs: AdamW at 5e-4, weight decay 0.05 not on biases and norms, five epochs of warm-up, cosine, labels
    /// smoothed by 0.1. Without DeiT's mixing of images, random erasing, RandAugment and stochastic depth.</summary>
    public static FineTuneOptions Transformer { get; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        Epochs = 150,
        EncoderLearningRate = 5e-4,
        HeadLearningRate = 5e-4,
        WeightDecay = 0.05,
        DecayAll = false,
        LabelSmoothing = 0.1,
        Schedule = new CosineSchedule { WarmupEpochs = 5 },
    };

    /// <summary>For 10 % of ImageNet's labels, as SwAV's authors published it: the fresh head learns much faster than the encoder; encoder
    /// 0.01, head 0.2, 20 epochs; after 60 % and 80 % of them a fifth and a 25th; no weight decay.</summary>
    public static FineTuneOptions TenPercent { get; } = new(20, (0.6, 0.2), (0.8, 0.04))
    {
        EncoderLearningRate = 0.01,
        HeadLearningRate = 0.2,
    };

    /// <summary>For 1 % of ImageNet's labels: encoder 0.02, head 5, all else as for 10 %.</summary>
    public static FineTuneOptions OnePercent { get; } = TenPercent with { EncoderLearningRate = 0.02, HeadLearningRate = 5 };

    /// <summary>The optimizer. Default: <see cref="OptimizerKind.Sgd"/>.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>The encoder's learning rate, 0 or more. Default 0.025; of few labels 0.01.</summary>
    public double EncoderLearningRate { get; init; } = 0.025;

    /// <summary>The head's learning rate, above 0. Default 0.025; of few labels 0.2.</summary>
    public double HeadLearningRate { get; init; } = 0.025;

    /// <summary>Decay biases and the parameters of norms too. Default: true.</summary>
    public bool DecayAll { get; init; } = true;

    /// <summary>The share of each target that is spread over all classes, 0 to below 1. Default: 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Parts of the backbone that stay as they are, by the names that its parameters begin with: <c>conv1</c>, <c>layer1</c>.
    /// Their BatchNorm uses its running statistics. Default: none.</summary>
    public IReadOnlyList<string> Frozen { get; init => field = OptionList<string>.Of(value); } = OptionList<string>.Of();

    /// <summary>Measure the test images after every so many epochs, and after the last; at least 1. Default: 1.</summary>
    public int TestEvery { get; init; } = 1;

    internal OptimizationOptions Optimization => new()
    {
        Kind = Optimizer,
        Momentum = Momentum,
        WeightDecay = WeightDecay,
        DecayAll = DecayAll,
    };

    private protected override void Check(OptionErrors errors)
    {
        errors
            .Check(EncoderLearningRate is >= 0 and < double.PositiveInfinity, EncoderLearningRate, "0 or more")
            .Check(HeadLearningRate is > 0 and < double.PositiveInfinity, HeadLearningRate, "above 0")
            .CheckDefined(Optimizer)
            .Check(LabelSmoothing is >= 0 and < 1, LabelSmoothing, "0 to below 1")
            .Check(Frozen is not null, Frozen, "a list, empty where nothing is frozen")
            .Check(TestEvery >= 1, TestEvery, "1 or more");
        base.Check(errors);
    }
}
