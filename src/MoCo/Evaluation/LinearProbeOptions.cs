using MoCo.Optimization;

namespace MoCo.Evaluation;

/// <summary>How a linear probe is trained: the official MoCo recipe, at many learning rates at once.</summary>
public sealed record LinearProbeOptions
{
    /// <summary>The official recipe: one learning rate, 30, for batches of 256; everything else as by default.</summary>
    public static LinearProbeOptions Official { get; } = new() { LearningRates = [30] };

    /// <summary>The learning rates to try, above 0. Default: twelve from 0.001 to 300, 30 among them. Which one is best depends on
    /// the features' length, so no single value is right for all encoders.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

    /// <summary>Images in a step. Default 256, at least 1. The best learning rate grows in proportion.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Passes over the training images. Default 100, at least 1.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Passes that compare several learning rates on features extracted once, before the best is trained for
    /// <see cref="Epochs"/>; the learning rates fall within them as they do within all. Default 10, at least 1; more than
    /// <see cref="Epochs"/> means as many.</summary>
    public int ChoosingEpochs { get; init; } = 10;

    /// <summary>How the learning rates fall. Null, the default: to a tenth after 60 % and to a hundredth after 80 % of the epochs,
    /// which is the official 60 and 80 of 100.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>SGD's momentum. Default 0.9, 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD's weight decay. Default 0, 0 or more.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The initial weights' standard deviation; the biases start at 0. Default 0.01, 0 or more.</summary>
    public double WeightDeviation { get; init; } = 0.01;

    /// <summary>The share of each class's training images that choose among several learning rates. Default 0.1, above 0 to 0.5.</summary>
    public double HeldOut { get; init; } = 0.1;

    /// <summary>Determines initial weights, the held-out part and the order of images. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The classes' names by label, for the confusion matrix. Default: none.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate()
    {
        List<string> errors = [];
        if (LearningRates is not { Count: > 0 and <= 1024 } || LearningRates.Any(rate => !(rate > 0 && double.IsFinite(rate))))
            errors.Add($"{nameof(LearningRates)} is [{string.Join(", ", LearningRates ?? [])}]; allowed are 1 to 1024 numbers above 0.");
        if (BatchSize is < 1 or > 1 << 20)
            errors.Add($"{nameof(BatchSize)} is {BatchSize}; allowed are 1 to {1 << 20}.");
        if (Epochs < 1)
            errors.Add($"{nameof(Epochs)} is {Epochs}; allowed are 1 and more.");
        if (ChoosingEpochs < 1)
            errors.Add($"{nameof(ChoosingEpochs)} is {ChoosingEpochs}; allowed are 1 and more.");
        if (!(Momentum is >= 0 and < 1))
            errors.Add($"{nameof(Momentum)} is {Momentum}; allowed are 0 to below 1.");
        if (!(WeightDecay is >= 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(WeightDecay)} is {WeightDecay}; allowed are 0 and more.");
        if (!(WeightDeviation is >= 0 and < double.PositiveInfinity))
            errors.Add($"{nameof(WeightDeviation)} is {WeightDeviation}; allowed are 0 and more.");
        if (!(HeldOut is > 0 and <= 0.5))
            errors.Add($"{nameof(HeldOut)} is {HeldOut}; allowed are numbers above 0 up to 0.5.");
        if (ClassNames is null)
            errors.Add($"{nameof(ClassNames)} is null; expected a list, empty where there are no names.");
        errors.AddRange(Schedule?.Errors() ?? []);
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(LinearProbeOptions)}: {string.Join(" ", errors)}");
    }

    /// <summary>The share of the learning rates that an epoch, from 0, gets.</summary>
    internal double Factor(int epoch, double progress) => Schedule is { } schedule
        ? schedule.At(1, epoch, progress, Epochs)
        : epoch >= 0.8 * Epochs ? 0.01 : epoch >= 0.6 * Epochs ? 0.1 : 1;
}
