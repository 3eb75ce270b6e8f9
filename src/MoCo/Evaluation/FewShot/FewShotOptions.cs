using MoCo.Evaluation.Linear;

namespace MoCo.Evaluation.FewShot;

/// <summary>How an encoder is fine-tuned on few labels: the recipe that SwAV's authors published, in which the fresh head learns much
/// faster than the encoder.</summary>
public sealed record FewShotOptions : ClassifierOptions
{
    /// <summary>The recipe for 10 % of ImageNet's labels.</summary>
    public FewShotOptions()
        : base(epochs: 20, later: 0.2, last: 0.04)
    {
    }

    /// <summary>For 1 % of ImageNet's labels: encoder 0.02, head 5.</summary>
    public static FewShotOptions OnePercent { get; } = new() { EncoderLearningRate = 0.02, HeadLearningRate = 5 };

    /// <summary>For 10 % of ImageNet's labels: encoder 0.01, head 0.2.</summary>
    public static FewShotOptions TenPercent { get; } = new();

    /// <summary>The encoder's learning rate. Default 0.01, 0 or more.</summary>
    public double EncoderLearningRate { get; init; } = 0.01;

    /// <summary>The head's learning rate. Default 0.2, above 0.</summary>
    public double HeadLearningRate { get; init; } = 0.2;

    private protected override void Check(OptionErrors errors)
    {
        errors
            .Check(EncoderLearningRate is >= 0 and < double.PositiveInfinity, EncoderLearningRate, "0 or more")
            .Check(HeadLearningRate is > 0 and < double.PositiveInfinity, HeadLearningRate, "above 0");
        base.Check(errors);
    }
}
