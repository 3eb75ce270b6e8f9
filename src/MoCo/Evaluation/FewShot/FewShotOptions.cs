using MoCo.Evaluation.FineTuning;

namespace MoCo.Evaluation.FewShot;

/// <summary>How an encoder is fine-tuned on few labels: the recipe that SwAV's authors published, in which the fresh head learns much
/// faster than the encoder.</summary>
public sealed record FewShotOptions : FineTuneOptions
{
    /// <summary>The recipe for 10 % of ImageNet's labels: encoder 0.01, head 0.2, 20 epochs; after 60 % and 80 % of them a fifth and a
    /// 25th; no weight decay.</summary>
    public FewShotOptions()
        : base(20, (0.6, 0.2), (0.8, 0.04)) => (EncoderLearningRate, HeadLearningRate) = (0.01, 0.2);

    /// <summary>For 1 % of ImageNet's labels: encoder 0.02, head 5.</summary>
    public static FewShotOptions OnePercent { get; } = new() { EncoderLearningRate = 0.02, HeadLearningRate = 5 };

    /// <summary>For 10 % of ImageNet's labels: encoder 0.01, head 0.2.</summary>
    public static FewShotOptions TenPercent { get; } = new();
}
