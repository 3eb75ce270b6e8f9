using MoCo.Training;

namespace Samples;

/// <summary>Shows how a run does: live on a terminal, as plain lines in a file or pipe.</summary>
internal abstract class Display
{
    public static Display ForThisConsole() => Terminal.IsLive ? new LiveDisplay() : new PlainDisplay();

    /// <summary>Prints a line that stays.</summary>
    public virtual void Say(string line) => Console.WriteLine(line);

    /// <summary>Shows progress while <paramref name="train"/> runs.</summary>
    public virtual FitResult During(Func<FitResult> train) => train();

    /// <summary>Tells how far training is.</summary>
    public abstract void Show(RunStatus status);
}

/// <summary>What a display shows of a run.</summary>
/// <param name="WaitShare">Share of training spent waiting for data, 0–1.</param>
/// <param name="Knn">Latest quick kNN accuracy, percent; null: not measured.</param>
/// <param name="Probe">The online probe's accuracy then, percent; null: not measured.</param>
/// <param name="KnnCalled">What that is called; null: not measured.</param>
/// <param name="KnnPixels">The same of raw pixels; null: not measured.</param>
/// <param name="TimeLeft">Until training ends, by itself or by the clock.</param>
internal readonly record struct RunStatus(
    TrainingProgress Progress, double WaitShare, double? Knn, double? Probe, string? KnnCalled, double? KnnPixels, TimeSpan TimeLeft)
{
    /// <summary>Steps in all; null in a run by time.</summary>
    public long? Steps => (long?)Progress.Epochs * Progress.Batches;

    /// <summary>Where the run stands.</summary>
    public string StepText => Steps is long steps ? $"step {Progress.Step:N0} of {steps:N0}"
        : $"step {Progress.Step:N0}, {Progress.Share:P0} of the time";

    public string TimeLeftText => TimeLeft.TotalHours < 1
        ? $"{(int)TimeLeft.TotalMinutes}:{TimeLeft.Seconds:00}"
        : $"{(int)TimeLeft.TotalHours}:{TimeLeft.Minutes:00}:{TimeLeft.Seconds:00}";
}
