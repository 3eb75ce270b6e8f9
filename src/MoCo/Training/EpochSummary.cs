using MoCo.Data;

namespace MoCo.Training;

/// <summary>An epoch in numbers, means over its steps.</summary>
/// <param name="Epoch">Its number, from 0.</param>
/// <param name="Steps">Steps that were measured.</param>
/// <param name="Images">Images seen.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Mean">Loss and measures, means over the steps.</param>
/// <param name="ChanceLoss">The loss of a model that knows nothing: ln(K+1).</param>
/// <param name="WaitShare">Share of the time spent waiting for data, 0–1; null where it was not measured.</param>
public sealed record EpochSummary(int Epoch, long Steps, long Images, double Seconds, MeasuredStep Mean, double ChanceLoss, double? WaitShare)
{
    /// <summary>Images per second.</summary>
    public double ImagesPerSecond => Seconds > 0 ? Images / Seconds : 0;

    /// <summary>The epoch in one line of plain words: how training does and what to do about it.</summary>
    public string Health() => TrainingHealth.Describe(this);
}
