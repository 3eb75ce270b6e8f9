using System.Text.Json.Serialization;

namespace MoCo.Optimization;

/// <summary>The learning rate as a pure function of how far training has come, so that there is no state to save. By default it changes
/// once an epoch, as in the official code; <see cref="PerStep"/> makes it follow every step.</summary>
/// <remarks>A schedule of the caller's own trains and is saved like any other run's; only <see cref="MoCoTrainer.Resume"/> can't make it
/// from a checkpoint: make the trainer with it, and <see cref="MoCoTrainer.Load"/> the file.</remarks>
[JsonPolymorphic(UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToBaseType)]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
public abstract record LearningRateSchedule
{
    /// <summary>Epochs over which the rate rises linearly from nearly 0, step by step; 0 for none. Default: 0.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>Follow every step instead of every epoch. Default: false.</summary>
    public bool PerStep { get; init; }

    /// <summary>The rate at a point of training.</summary>
    /// <param name="baseRate">The full rate.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="progress">How much of the epoch is done before this step, 0 to below 1.</param>
    /// <param name="epochs">Epochs in all.</param>
    public double At(double baseRate, int epoch, double progress, int epochs)
    {
        double now = epoch + progress;
        return Rate(baseRate, now, PerStep ? now : epoch, epochs);
    }

    /// <summary>The rate at a share of a whole run, as a run by time has it (<see cref="MoCoOptions.Duration"/>): the schedule of
    /// <paramref name="epochs"/> epochs, warm-up and milestones included, is stretched over the run and followed at every step.</summary>
    /// <param name="baseRate">The full rate.</param>
    /// <param name="share">How much of the run is done before this step, 0–1.</param>
    /// <param name="epochs">The epochs that the schedule is written for.</param>
    internal double At(double baseRate, double share, int epochs)
    {
        double now = Math.Clamp(share, 0, 1) * epochs;
        return Rate(baseRate, now, now, epochs);
    }

    // The first step of a warm-up would otherwise have the rate 0 and be wasted.
    private const double WarmupFloor = 1e-3;

    internal virtual void Check(OptionErrors errors) => errors
        .Check(WarmupEpochs is >= 0 and < double.PositiveInfinity, WarmupEpochs, "0 or more");

    private double Rate(double baseRate, double now, double followed, int epochs)
    {
        double rate = baseRate * Factor(followed, epochs);
        return now < WarmupEpochs ? rate * (now + WarmupFloor) / (WarmupEpochs + WarmupFloor) : rate;
    }

    /// <summary>The share of the full rate, 0–1, after <paramref name="epoch"/> of <paramref name="epochs"/> epochs.</summary>
    protected abstract double Factor(double epoch, int epochs);
}

/// <summary>The rate times ½(1 + cos(π·epoch/epochs)): MoCo v2.</summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <summary>Begin the cosine where the warm-up ends, as MoCo v3's code does, instead of with the run. Default: false.</summary>
    public bool AfterWarmup { get; init; }

    /// <inheritdoc/>
    protected override double Factor(double epoch, int epochs)
    {
        double start = AfterWarmup ? WarmupEpochs : 0;
        return epoch <= start ? 1 : HalfCosine.Between(1, 0, Math.Min(1, (epoch - start) / (epochs - start)));
    }
}

/// <summary>The rate times <see cref="Decay"/> at each milestone: MoCo v1 (epochs 120 and 160 of 200, 0.1).</summary>
public sealed record StepSchedule : LearningRateSchedule
{
    /// <summary>Epochs, ascending, at whose start the rate falls.</summary>
    public IReadOnlyList<int> Milestones { get; init => field = OptionList<int>.Of(value); } = OptionList<int>.Of(120, 160);

    /// <summary>Factor at each milestone, above 0 to 1. Default: 0.1.</summary>
    public double Decay { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override double Factor(double epoch, int epochs) => Math.Pow(Decay, Milestones.Count(milestone => epoch >= milestone));

    /// <inheritdoc/>
    internal override void Check(OptionErrors errors)
    {
        base.Check(errors);
        bool ascending = Milestones is not null && Milestones.All(m => m >= 0) && Milestones.SequenceEqual(Milestones.Order());
        errors.Check(Decay is > 0 and <= 1, Decay, "above 0 to 1").Check(ascending, Milestones, "epochs from 0 on, ascending");
    }
}
