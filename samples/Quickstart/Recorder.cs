using System.Diagnostics;
using MoCo;
using MoCo.Loading;
using MoCo.Reporting;
using MoCo.Training;

namespace Quickstart;

/// <summary>Listens to the trainer: adds to the curve, takes the quick measurement at every tenth of the run, tells the display.</summary>
/// <param name="trainer">The run.</param>
/// <param name="loader">Its images.</param>
/// <param name="monitor">The quick measurement; null: none.</param>
/// <param name="baseline">What was measured before training; null: nothing.</param>
/// <param name="curve">Where the points go.</param>
/// <param name="display">Told of everything.</param>
/// <param name="limit">When training is stopped from outside; null: never.</param>
internal sealed class Recorder(
    MoCoTrainer trainer, TwoCropLoader loader, Measurement? monitor, Baseline? baseline, Curve curve, Display display, TimeSpan? limit) : IProgress<TrainingProgress>
{
    /// <summary>Quick measurements of a run.</summary>
    private const int Looks = 10;

    /// <summary>Lines about epochs of a run at most, roughly: those of a few images take less than a second.</summary>
    private const int EpochLines = 40;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly double secondsBefore = curve.Seconds;
    private double? knn = curve.Accuracies.Select(point => point.Knn).LastOrDefault();
    // A run that goes on does not look again at where it begins.
    private int? looked = trainer.StepCount == 0 ? 0 : null;
    private double told = double.NegativeInfinity;

    /// <summary>Seconds that quick measurements took.</summary>
    public double MonitorSeconds { get; private set; }

    /// <summary>The rate of the latest step that was reported; null before the first.</summary>
    public double? LearningRate { get; private set; }

    public void Report(TrainingProgress value)
    {
        LearningRate = value.LearningRate;
        if (value.Summary is null && value.Step > QueueFilledAt) curve.Add(Point(value, null));
        string? look = LookIfDue(value), epoch = EpochIfDue(value);
        if (look is not null || epoch is not null)
            display.Say(string.Join("; ", new[] { epoch ?? $"step {value.Step:N0}, {value.Share:P0} of the {(value.Epochs is null ? "time" : "steps")}", look }.OfType<string>()));
        TimeSpan left = limit is { } end && end.TotalSeconds - Seconds < value.TimeLeft.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(0, end.TotalSeconds - Seconds)) : value.TimeLeft;
        double training = Seconds - MonitorSeconds;
        display.Show(new RunStatus(value, training > 0 ? Math.Clamp(loader.Statistics.SecondsWaited / training, 0, 1) : 0, knn, baseline?.MonitorPixels, left));
    }

    private double Seconds => Stopwatch.GetElapsedTime(started).TotalSeconds;

    // Until then the queue still holds random keys, and the loss is that of another, easier task.
    private long QueueFilledAt => (trainer.Options.QueueLength + trainer.Options.BatchSize - 1) / trainer.Options.BatchSize;

    private string? EpochIfDue(TrainingProgress value)
    {
        if (value.Summary is not { } summary || (value.Share < 1 && value.Share - told < 1.0 / EpochLines)) return null;
        told = value.Share;
        return summary.Health();
    }

    private string? LookIfDue(TrainingProgress value)
    {
        int tenth = (int)(value.Share * Looks);
        bool due = tenth > (looked ?? tenth);
        looked = tenth;
        if (monitor is null || !due) return null;
        try
        {
            knn = monitor.Of(trainer.QueryEncoder);
            MonitorSeconds += monitor.Seconds;
            curve.Add(Point(value, knn));
            return $"kNN, quick look: {knn:F1} %";
        }
        catch (OperationCanceledException)
        {
            return "stopping";
        }
    }

    // An epoch's end has the mean of the whole epoch, which is no point of the curve.
    private CurvePoint Point(TrainingProgress value, double? accuracy) => new(
        value.Step, (double)value.Step / value.Batches, secondsBefore + Seconds,
        value.Summary is null ? value.Loss : null, value.Summary is null ? value.ContrastAccuracy : null, value.Summary is null ? value.LearningRate : null, accuracy);
}
