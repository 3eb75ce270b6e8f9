using MoCo.Data;
using MoCo.Optimization;

namespace MoCo.Evaluation.Linear;

/// <summary>How a linear classifier is trained on labels, whatever below it stands still or moves along.</summary>
public abstract record ClassifierOptions
{
    private readonly (double From, double Factor) later, last;

    // From which share of the epochs on the learning rates are which share of the full ones.
    private protected ClassifierOptions(int epochs, (double From, double Factor) later, (double From, double Factor) last) =>
        (Epochs, this.later, this.last) = (epochs, later, last);

    /// <summary>Passes over the training images, at least 1. Default: 100 of a linear probe and of fine-tuning, 20 with few
    /// labels.</summary>
    public int Epochs { get; init; }

    /// <summary>How the learning rates fall. Null, the default: to a tenth and a hundredth, after 60 % and 80 % of the epochs in a linear
    /// probe (the official 60 and 80 of 100), after 70 % and 90 % in fine-tuning; with few labels after 60 % and 80 % to a fifth and a
    /// 25th.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>SGD's momentum, AdamW's β₁. Default 0.9, 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay. Default 0, in fine-tuning with all labels 1e-4; 0 or more.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Standard deviation of the classifier's initial weights; the biases start at 0. Default 0.01, 0 or more.</summary>
    public double WeightDeviation { get; init; } = 0.01;

    /// <summary>Determines initial weights and, where the library chooses them, the order and the held-out part. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The classes' names by label, for the confusion matrix. Default: none.</summary>
    public IReadOnlyList<string> ClassNames { get; init => field = OptionList<string>.Of(value); } = OptionList<string>.Of();

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate()
    {
        OptionErrors errors = new(GetType().Name);
        Check(errors);
        errors.ThrowIfAny();
    }

    private protected virtual void Check(OptionErrors errors)
    {
        errors
            .Check(Epochs >= 1, Epochs, "1 or more")
            .Check(Momentum is >= 0 and < 1, Momentum, "0 to below 1")
            .Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, "0 or more")
            .Check(WeightDeviation is >= 0 and < double.PositiveInfinity, WeightDeviation, "0 or more")
            .Check(ClassNames is not null, ClassNames, "a list, empty where there are no names");
        if (Schedule is not null) errors.CheckPart(Schedule, schedule => schedule.Check);
    }

    /// <summary>Weights to start from, C×D: a pure function of the seed.</summary>
    internal float[] InitialWeights(int classes, int dimension)
    {
        float[] weights = new float[classes * dimension];
        for (int label = 0; label < classes; label++)
        {
            SampleRandom random = new(Seed, 0, label, 0);
            foreach (ref float weight in weights.AsSpan(label * dimension, dimension))
                weight = (float)(random.NextNormal() * WeightDeviation);
        }
        return weights;
    }

    /// <summary>The share of the learning rates at a point of training.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="progress">How much of the epoch is done, 0 to below 1.</param>
    internal double Factor(int epoch, double progress) => Schedule is { } schedule
        ? schedule.At(1, epoch, progress, Epochs)
        : epoch >= last.From * Epochs ? last.Factor : epoch >= later.From * Epochs ? later.Factor : 1;
}
