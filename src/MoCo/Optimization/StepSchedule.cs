using MoCo.Validation;

namespace MoCo.Optimization;

/// <summary>The rate times <see cref="Decay"/> at each milestone: MoCo v1 (epochs 120 and 160 of 200, 0.1).</summary>
public sealed record StepSchedule : LearningRateSchedule
{
    /// <summary>Epochs, ascending, at whose start the rate falls.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [120, 160];

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
