using System.Diagnostics;
using MoCo;
using MoCo.Loading;
using MoCo.Training;

namespace Pretrain;

/// <summary>Listens to the trainer: writes the metrics, takes the quick look after epochs, tells the display.</summary>
internal sealed class Recorder(MoCoTrainer trainer, TwoCropLoader loader, Plan plan, KnnMonitor? monitor, RunMetrics metrics, Display display) : IProgress<TrainingProgress>
{
    private readonly long started = Stopwatch.GetTimestamp();
    private double waitedBefore, secondsBefore;

    /// <summary>The latest quick look, percent.</summary>
    public double? Knn { get; private set; }

    public void Report(TrainingProgress value)
    {
        double wait = WaitShare();
        if (value.Summary is { } summary)
        {
            metrics.Epoch(value, summary);
            string line = Settings.InFlags(summary.Health());
            if (monitor is not null && IsDue(value)) line += Look(value.Step);
            display.Say(line);
        }
        else
        {
            metrics.Interval(value, wait);
        }
        display.Show(new RunStatus(value, wait, Knn, null, value.TimeLeft));
    }

    private bool IsDue(TrainingProgress value) => (value.Epoch + 1) % plan.KnnEvery == 0 || value.Share >= 1;

    private string Look(long step)
    {
        try
        {
            double before = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Knn = monitor!.Of(trainer.QueryEncoder);
            // Not a moment that training waited, nor one that it worked.
            secondsBefore += Stopwatch.GetElapsedTime(started).TotalSeconds - before;
            metrics.Knn(step, Knn.Value);
            return $"; kNN {Knn:F1} %";
        }
        catch (OperationCanceledException)
        {
            return "; stopping";
        }
    }

    /// <summary>Since the last report.</summary>
    private double WaitShare()
    {
        double waited = loader.Statistics.SecondsWaited, seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double share = seconds > secondsBefore ? Math.Clamp((waited - waitedBefore) / (seconds - secondsBefore), 0, 1) : 0;
        (waitedBefore, secondsBefore) = (waited, seconds);
        return share;
    }
}
