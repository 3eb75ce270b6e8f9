namespace MoCo.Evaluation.Linear;

/// <summary>How a linear probe is trained: the official MoCo recipe, at many learning rates at once.</summary>
public sealed record LinearProbeOptions : ClassifierOptions
{
    /// <summary>The official recipe at twelve learning rates.</summary>
    public LinearProbeOptions()
        : base(100, (0.6, 0.1), (0.8, 0.01))
    {
    }

    /// <summary>The official recipe: one learning rate, 30, for batches of 256; everything else as by default.</summary>
    public static LinearProbeOptions Official { get; } = new() { LearningRates = [30] };

    /// <summary>The learning rates to try, above 0. Default: twelve from 0.001 to 300, 30 among them. Which one is best depends on the
    /// features' length, so no single value is right for all encoders.</summary>
    public IReadOnlyList<double> LearningRates { get; init => field = OptionList<double>.Of(value); }
        = OptionList<double>.Of(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300);

    /// <summary>Images in a step. Default 256, at least 1. The best learning rate grows in proportion.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Passes that compare several learning rates on features extracted once, before the best is trained for all epochs; the
    /// learning rates fall within them as they do within all. Default 10, at least 1; more than all epochs means as many.</summary>
    public int ChoosingEpochs { get; init; } = 10;

    /// <summary>The share of each class's training images that choose among several learning rates. Default 0.1, above 0 to 0.5.</summary>
    public double HeldOut { get; init; } = 0.1;

    private protected override void Check(OptionErrors errors)
    {
        bool rates = LearningRates is { Count: > 0 and <= 1024 } && LearningRates.All(rate => rate > 0 && double.IsFinite(rate));
        errors
            .Check(rates, LearningRates, "1 to 1024 numbers above 0")
            .Check(BatchSize is >= 1 and <= 1 << 20, BatchSize, $"1 to {1 << 20}")
            .Check(ChoosingEpochs >= 1, ChoosingEpochs, "1 or more")
            .Check(HeldOut is > 0 and <= 0.5, HeldOut, "above 0 to 0.5");
        base.Check(errors);
    }
}
