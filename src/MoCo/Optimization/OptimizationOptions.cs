namespace MoCo.Optimization;

/// <summary>Stochastic gradient descent with momentum; the defaults are the paper's.</summary>
public sealed record OptimizationOptions
{
    /// <summary>Full learning rate, above 0. Default: 0.03.</summary>
    public double LearningRate { get; init; } = 0.03;

    /// <summary>Take <see cref="LearningRate"/> as that of batch 256 and scale it with the batch (Goyal et al. 2017). Default:
    /// false.</summary>
    public bool ScaleLearningRate { get; init; }

    /// <summary>μ, 0 to below 1. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of it. Default: false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ of the weight decay, 0 or more. Default: 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Decay BatchNorm's parameters and biases too, as the paper does. Default: true.</summary>
    public bool DecayAll { get; init; } = true;

    /// <summary>The full learning rate for a batch size.</summary>
    internal double RateFor(int batchSize) => ScaleLearningRate ? LearningRate * batchSize / 256 : LearningRate;

    internal void Check(OptionErrors errors) => errors
        .Check(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, "above 0 (0.03 for batch 256)")
        .Check(Momentum is >= 0 and < 1, Momentum, "0 to below 1")
        .Check(!Nesterov || Momentum != 0, Nesterov, "false with a momentum of 0")
        .Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, "0 or more");
}
