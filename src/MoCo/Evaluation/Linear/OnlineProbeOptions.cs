namespace MoCo.Evaluation.Linear;

/// <summary>How the linear classifier beside a run learns. The recipe is that of He et al., "Masked Autoencoders Are Scalable Vision
/// Learners" (2022), appendix A.1, with SGD in the place of LARS, which is for batches of thousands: rate 0.1, momentum 0.9, no weight
/// decay.</summary>
public sealed record OnlineProbeOptions
{
    /// <summary>C, how many classes there are; labels are 0 to C − 1. At least 2. Default: 1000, ImageNet's.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Full learning rate, above 0, which falls as the run's does. The features are normalized, so that it fits any encoder.
    /// Default: 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>SGD's momentum, 0 to below 1. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD's weight decay, 0 or more. Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>F, numbers in the features of an image, at least 1; null: as the query encoder says, which is to be told only of one that
    /// the caller put together of modules. Default: null.</summary>
    public int? FeatureDimension { get; init; }

    internal void Check(OptionErrors errors) => errors
        .Check(Classes >= 2, Classes, "2 or more")
        .Check(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, "above 0")
        .Check(Momentum is >= 0 and < 1, Momentum, "0 to below 1")
        .Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, "0 or more")
        .Check(FeatureDimension is null or >= 1, FeatureDimension, "1 or more, or null: as the query encoder says");
}
