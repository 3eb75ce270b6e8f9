using System.Text.Json.Serialization;

namespace MoCo.Optimization;

/// <summary>How gradients become weights; the defaults are the paper's, SGD with momentum.</summary>
public sealed record OptimizationOptions
{
    /// <summary>The optimizer. Default: <see cref="OptimizerKind.Sgd"/>.</summary>
    public OptimizerKind Kind { get; init; }

    /// <summary>Full learning rate, above 0. Default: 0.03.</summary>
    public double LearningRate { get; init; } = 0.03;

    /// <summary>Take <see cref="LearningRate"/> as that of batch 256 and scale it with the batch, as a whole however many parts or
    /// processes compute it (Goyal et al. 2017). Default: false.</summary>
    public bool ScaleLearningRate { get; init; }

    /// <summary>μ of SGD and LARS, β₁ of AdamW, 0 to below 1. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>β₂ of AdamW, by which it averages squared gradients, 0 to below 1. Default: 0.999.</summary>
    public double SecondMomentum { get; init; } = 0.999;

    /// <summary>ε of AdamW, added to the root of that average, above 0. Default: 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>What LARS multiplies the ratio of a weight's norm to its gradient's by, above 0. Default: 0.001, as MoCo v3 and SimCLR have
    /// it.</summary>
    public double TrustCoefficient { get; init; } = 0.001;

    /// <summary>Nesterov's form of SGD's momentum. Default: false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ of the weight decay, 0 or more. Default: 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>λ at the end of the run, which it approaches along half a cosine, 0 or more (Caron et al., "Emerging Properties in
    /// Self-Supervised Vision Transformers", 2021); null: it stays. Default: null.</summary>
    public double? FinalWeightDecay { get; init; }

    /// <summary>Decay BatchNorm's parameters and biases too, as the paper does; LARS never does. Default: true.</summary>
    public bool DecayAll { get; init; } = true;

    /// <summary>The L2 norm over all gradients that a step may have: larger ones are scaled down to it, above 0; null: any. Default:
    /// null.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The full learning rate for a batch size.</summary>
    internal double RateFor(int batchSize) => ScaleLearningRate ? LearningRate * batchSize / 256 : LearningRate;

    /// <summary>λ when a share of the run is done.</summary>
    internal double WeightDecayAt(double progress)
        => FinalWeightDecay is double final ? HalfCosine.Between(WeightDecay, final, progress) : WeightDecay;

    internal void Check(OptionErrors errors) => errors
        .CheckDefined(Kind)
        .Check(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, "above 0 (0.03 for batch 256)")
        .Check(Momentum is >= 0 and < 1, Momentum, "0 to below 1")
        .Check(SecondMomentum is >= 0 and < 1, SecondMomentum, "0 to below 1")
        .Check(Epsilon > 0 && double.IsFinite(Epsilon), Epsilon, "above 0")
        .Check(TrustCoefficient > 0 && double.IsFinite(TrustCoefficient), TrustCoefficient, "above 0")
        .Check(!Nesterov || Momentum != 0, Nesterov, "false with a momentum of 0")
        .Check(!Nesterov || Kind == OptimizerKind.Sgd, Nesterov, $"false with Kind {Kind}")
        .Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, "0 or more")
        .Check(FinalWeightDecay is null or (>= 0 and < double.PositiveInfinity), FinalWeightDecay, "0 or more, or null: WeightDecay stays")
        .Check(ClipNorm is null or (> 0 and < double.PositiveInfinity), ClipNorm, "above 0, or null not to clip");
}

/// <summary>The optimizers.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OptimizerKind>))]
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum: MoCo v1 and v2.</summary>
    Sgd,

    /// <summary>SGD whose steps are scaled for each weight by its norm (You, Gitman and Ginsburg, "Large Batch Training of Convolutional
    /// Networks", 2017): MoCo v3 and SimCLR with ResNets.</summary>
    Lars,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019): MoCo v3 with vision transformers.</summary>
    AdamW,
}
