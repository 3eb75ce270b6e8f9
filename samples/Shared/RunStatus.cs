using MoCo.Training;

namespace Samples;

/// <summary>What a display shows of a run.</summary>
/// <param name="Progress">The trainer's own report.</param>
/// <param name="WaitShare">Share of training spent waiting for data, 0–1.</param>
/// <param name="Knn">Latest quick kNN accuracy, percent; null: not measured.</param>
/// <param name="KnnPixels">The same of raw pixels; null: not measured.</param>
/// <param name="TimeLeft">Until training ends, by itself or by the clock.</param>
internal readonly record struct RunStatus(TrainingProgress Progress, double WaitShare, double? Knn, double? KnnPixels, TimeSpan TimeLeft)
{
    public long Steps => (long)Progress.Epochs * Progress.Batches;

    public string TimeLeftText => TimeLeft.TotalHours < 1
        ? $"{(int)TimeLeft.TotalMinutes}:{TimeLeft.Seconds:00}"
        : $"{(int)TimeLeft.TotalHours}:{TimeLeft.Minutes:00}:{TimeLeft.Seconds:00}";
}
