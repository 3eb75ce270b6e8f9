using System.Diagnostics;
using MoCo;
using MoCo.Data;
using MoCo.Training;

namespace Quickstart;

/// <summary>Listens to the trainer: adds to the curve, takes the quick measurement after epochs, tells the display.</summary>
internal sealed class Recorder(
    MoCoTrainer trainer, TwoCropLoader loader, Measurement? monitor, Baseline? baseline, Curve curve, Display display, double secondsGiven) : IProgress<TrainingProgress>
{
    /// <summary>Quick measurements of a run at most, roughly.</summary>
    private const int Measurements = 10;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly double secondsBefore = curve.Seconds;
    private double? knn = curve.Accuracies.Select(point => point.Knn).LastOrDefault();

    /// <summary>Seconds after which training is to end.</summary>
    public double SecondsGiven => secondsGiven;

    /// <summary>Seconds that quick measurements took.</summary>
    public double MonitorSeconds { get; private set; }

    public void Report(TrainingProgress value)
    {
        if (value.Summary is { } summary) EpochEnded(value, summary);
        else if (value.Step > QueueFilledAt) curve.Add(Point(value, null));
        double left = Math.Min(value.TimeLeft.TotalSeconds, Math.Max(0, secondsGiven - Seconds));
        double training = Seconds - MonitorSeconds;
        display.Show(new RunStatus(value, training > 0 ? Math.Clamp(loader.Statistics.SecondsWaited / training, 0, 1) : 0, knn, baseline?.MonitorPixels, TimeSpan.FromSeconds(left)));
    }

    private double Seconds => Stopwatch.GetElapsedTime(started).TotalSeconds;

    // Until then the queue still holds random keys, and the loss is that of another, easier task.
    private long QueueFilledAt => (trainer.Options.QueueLength + trainer.Options.BatchSize - 1) / trainer.Options.BatchSize;

    private void EpochEnded(TrainingProgress value, EpochSummary summary)
    {
        string line = summary.Health();
        int every = Math.Max(1, value.Epochs / Measurements);
        if (monitor is not null && ((summary.Epoch + 1) % every == 0 || summary.Epoch + 1 == value.Epochs))
        {
            try
            {
                knn = monitor.Of(trainer.QueryEncoder);
                MonitorSeconds += monitor.Seconds;
                curve.Add(Point(value, knn));
                line += $"; kNN, quick look: {knn:F1} %";
            }
            catch (OperationCanceledException)
            {
                line += "; stopping";
            }
        }
        display.Say(line);
    }

    // An epoch's end has the mean of the whole epoch, which is no point of the curve.
    private CurvePoint Point(TrainingProgress value, double? accuracy) => new(
        value.Step, (double)value.Step / value.Batches, secondsBefore + Seconds,
        value.Summary is null ? value.Loss : null, value.Summary is null ? value.ContrastAccuracy : null, value.Summary is null ? value.LearningRate : null, accuracy);
}
