using MoCo.Training;

namespace Quickstart;

/// <summary>What a display shows of a run.</summary>
/// <param name="Progress">The trainer's own report.</param>
/// <param name="WaitShare">Share of training spent waiting for data, 0–1.</param>
/// <param name="Knn">Latest quick kNN accuracy, percent.</param>
/// <param name="KnnPixels">The same of raw pixels.</param>
/// <param name="TimeLeft">Until training ends, by itself or by the clock.</param>
internal readonly record struct RunStatus(TrainingProgress Progress, double WaitShare, double? Knn, double? KnnPixels, TimeSpan TimeLeft)
{
    public long Steps => (long)Progress.Epochs * Progress.Batches;

    public string TimeLeftText => $"{(int)TimeLeft.TotalMinutes}:{TimeLeft.Seconds:00}";
}
