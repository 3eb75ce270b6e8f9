namespace MoCo.Optimization;

/// <summary>The rate times ½(1 + cos(π·epoch/epochs)): MoCo v2.</summary>
public sealed record CosineSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    protected override double Factor(double epoch, int epochs) => 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, epoch / epochs)));
}
