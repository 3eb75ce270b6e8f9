using MoCo.Optimization;

namespace MoCo.Evaluation;

/// <summary>How an encoder is fine-tuned on few labels: the recipe that SwAV's authors published, in which the fresh head learns
/// much faster than the encoder.</summary>
public sealed record FewShotOptions
{
    /// <summary>For 1 % of ImageNet's labels: encoder 0.02, head 5.</summary>
    public static FewShotOptions OnePercent { get; } = new() { EncoderLearningRate = 0.02, HeadLearningRate = 5 };

    /// <summary>For 10 % of ImageNet's labels: encoder 0.01, head 0.2.</summary>
    public static FewShotOptions TenPercent { get; } = new();

    /// <summary>The encoder's learning rate. Default 0.01, 0 or more.</summary>
    public double EncoderLearningRate { get; init; } = 0.01;

    /// <summary>The head's learning rate. Default 0.2, above 0.</summary>
    public double HeadLearningRate { get; init; } = 0.2;

    /// <summary>Passes over the training images. Default 20, at least 1.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>How the learning rates fall. Null, the default: to a fifth after 60 % and to a 25th after 80 % of the epochs.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>SGD's momentum. Default 0.9, 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD's weight decay. Default 0, 0 or more.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Standard deviation of the head's initial weights; the biases start at 0. Default 0.01, 0 or more.</summary>
    public double WeightDeviation { get; init; } = 0.01;

    /// <summary>Determines the head's initial weights. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The classes' names by label, for the confusion matrix. Default: none.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate()
    {
        List<string> errors = [];
        if (!(EncoderLearningRate is >= 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(EncoderLearningRate)} is {EncoderLearningRate}; allowed are 0 and more.");
        if (!(HeadLearningRate is > 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(HeadLearningRate)} is {HeadLearningRate}; allowed are numbers above 0.");
        if (Epochs < 1)
            errors.Add($"{nameof(Epochs)} is {Epochs}; allowed are 1 and more.");
        if (!(Momentum is >= 0 and < 1))
            errors.Add($"{nameof(Momentum)} is {Momentum}; allowed are 0 to below 1.");
        if (!(WeightDecay is >= 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(WeightDecay)} is {WeightDecay}; allowed are 0 and more.");
        if (!(WeightDeviation is >= 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(WeightDeviation)} is {WeightDeviation}; allowed are 0 and more.");
        if (ClassNames is null)
            errors.Add($"{nameof(ClassNames)} is null; expected a list, empty where there are no names.");
        errors.AddRange(Schedule?.Errors() ?? []);
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(FewShotOptions)}: {string.Join(" ", errors)}");
    }

    /// <summary>The share of the learning rates that an epoch, from 0, gets.</summary>
    internal double Factor(int epoch) => Schedule is { } schedule
        ? schedule.At(1, epoch, 0, Epochs)
        : epoch >= 0.8 * Epochs ? 0.04 : epoch >= 0.6 * Epochs ? 0.2 : 1;
}
