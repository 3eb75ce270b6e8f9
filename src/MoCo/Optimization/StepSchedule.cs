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
    internal override IEnumerable<string> Errors()
    {
        foreach (string error in base.Errors()) yield return error;
        if (!(Decay is > 0 and <= 1)) yield return $"Schedule.Decay is {Decay}; expected above 0 to 1.";
        if (Milestones is null || Milestones.Any(m => m < 0) || !Milestones.SequenceEqual(Milestones.Order()))
            yield return $"Schedule.Milestones are [{string.Join(", ", Milestones ?? [])}]; expected epochs from 0 on, ascending.";
    }
}
