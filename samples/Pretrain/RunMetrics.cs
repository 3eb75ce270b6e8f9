using MoCo.Reporting;
using MoCo.Training;

namespace Pretrain;

/// <summary>The run's numbers, into the files that its folder has for them.</summary>
internal sealed class RunMetrics : IDisposable
{
    private readonly MetricsWriter file;
    private readonly TensorBoardWriter events;

    /// <param name="run">The run's folder.</param>
    /// <param name="step">Where it stands: what was written of later steps is of steps that will be made again.</param>
    public RunMetrics(RunFolder run, long step)
    {
        file = new MetricsWriter(run.Root, step);
        events = new TensorBoardWriter(run.Events, new TensorBoardOptions { ResumedStep = step > 0 ? step : null });
    }

    public void Interval(TrainingProgress now, double waitShare) => Write(now.Step,
    [
        new(MetricNames.Epoch, now.Epoch + (double)now.Batch / now.Batches),
        new(MetricNames.Loss, now.Loss),
        new(MetricNames.ContrastAccuracy, now.ContrastAccuracy),
        new(MetricNames.LearningRate, now.LearningRate),
        new(MetricNames.ImagesPerSecond, now.ImagesPerSecond),
        new(MetricNames.WaitShare, waitShare),
    ]);

    public void Epoch(TrainingProgress now, EpochSummary summary) => Write(now.Step,
    [
        new("epoch_loss", summary.Mean.Loss),
        new("epoch_seconds", summary.Seconds),
        new(MetricNames.PositiveSimilarity, summary.Mean.PositiveSimilarity),
        new(MetricNames.NegativeSimilarity, summary.Mean.NegativeSimilarity),
        new(MetricNames.Spread, summary.Mean.Spread),
    ]);

    /// <param name="step">The step.</param>
    /// <param name="percent">Accuracy in percent.</param>
    public void Knn(long step, double percent) => Write(step, [new(MetricNames.Knn, percent / 100)]);

    public void Dispose()
    {
        file.Dispose();
        events.Dispose();
    }

    private void Write(long step, KeyValuePair<string, double>[] values)
    {
        file.Write(step, values);
        foreach ((string name, double value) in values) events.Scalar(name, step, value);
    }
}
