using System.Diagnostics.Metrics;

namespace MoCo.Training;

/// <summary>Publishes training through <c>System.Diagnostics.Metrics</c> as the meter "MoCo".</summary>
internal sealed class TrainingMeter : IDisposable
{
    private readonly Meter meter = new("MoCo");
    private readonly Counter<long> steps;
    private readonly Counter<long> images;
    private readonly Histogram<double> stepSeconds;
    private readonly Gauge<double> loss;
    private readonly Gauge<double> contrastAccuracy;
    private readonly Gauge<double> spread;
    private readonly Gauge<double> learningRate;
    private readonly Gauge<double> waitShare;

    public TrainingMeter()
    {
        steps = meter.CreateCounter<long>("moco.steps", "{step}", "Training steps done.");
        images = meter.CreateCounter<long>("moco.images", "{image}", "Images seen, each as two views.");
        stepSeconds = meter.CreateHistogram<double>("moco.step.duration", "s", "Time of a step, from batch to enqueued keys.");
        loss = meter.CreateGauge<double>("moco.loss", "nat", "InfoNCE, mean over a logging interval.");
        contrastAccuracy = meter.CreateGauge<double>(
            "moco.contrast_accuracy", "1", "Top-1 among the K+1 keys, mean over a logging interval.");
        spread = meter.CreateGauge<double>(
            "moco.embedding_spread", "1", "1 where embeddings cover the sphere, 0 where they have collapsed.");
        learningRate = meter.CreateGauge<double>("moco.learning_rate", "1", "Learning rate of the latest step.");
        waitShare = meter.CreateGauge<double>("moco.wait_share", "1", "Share of an epoch spent waiting for data.");
    }

    public void Step(int batch, double seconds, double rate)
    {
        steps.Add(1);
        images.Add(batch);
        stepSeconds.Record(seconds);
        learningRate.Record(rate);
    }

    public void Interval(MeasuredStep mean)
    {
        loss.Record(mean.Loss);
        contrastAccuracy.Record(mean.ContrastAccuracy);
        spread.Record(mean.Spread);
    }

    public void Epoch(EpochSummary summary)
    {
        if (summary.WaitShare is double share) waitShare.Record(share);
    }

    public void Dispose() => meter.Dispose();
}
