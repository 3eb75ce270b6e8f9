namespace MoCo.Training;

/// <summary>What a run counts of steps that were not finite, and the factor on the loss that keeps float16's gradients from vanishing
/// (Micikevicius et al., "Mixed Precision Training", 2018), adapted as PyTorch's GradScaler does: halved where gradients
/// overflow, doubled after 2,000 steps without.</summary>
internal sealed record StepCounters
{
    private const double MostScale = 1 << 24;
    private const int GrowthSteps = 2000;

    /// <summary>Steps that were left out since the loss or gradients were not finite, not counting overflows.</summary>
    public long Skipped { get; init; }

    /// <summary>Those of them since the last step that was made.</summary>
    public int SkippedInARow { get; init; }

    public double LossScale { get; init; } = 1 << 16;

    /// <summary>Steps made since the scale changed.</summary>
    public int StepsAtScale { get; init; }

    public StepCounters WithSkipped() => this with { Skipped = Skipped + 1, SkippedInARow = SkippedInARow + 1 };

    /// <summary>After gradients that overflowed; null where a smaller scale would not help.</summary>
    public StepCounters? WithOverflow() => LossScale <= 1 ? null : this with { LossScale = LossScale / 2, StepsAtScale = 0 };

    /// <summary>After a step.</summary>
    /// <param name="isScaled">Whether its loss was scaled.</param>
    public StepCounters WithStep(bool isScaled) => (isScaled, StepsAtScale + 1 < GrowthSteps) switch
    {
        (false, _) => SkippedInARow == 0 ? this : this with { SkippedInARow = 0 },
        (true, true) => this with { SkippedInARow = 0, StepsAtScale = StepsAtScale + 1 },
        _ => this with { SkippedInARow = 0, StepsAtScale = 0, LossScale = Math.Min(MostScale, 2 * LossScale) },
    };
}
