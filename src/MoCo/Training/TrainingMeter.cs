using System.Diagnostics.Metrics;

namespace MoCo.Training;

/// <summary>Publishes training through <c>System.Diagnostics.Metrics</c> as the meter "MoCo".</summary>
internal sealed class TrainingMeter(Meter meter) : IDisposable
{
    private readonly Counter<long> steps = meter.CreateCounter<long>("moco.steps", "{step}", "Training steps done.");
    private readonly Counter<long> images = meter.CreateCounter<long>("moco.images", "{image}", "Images seen, each as two views.");
    private readonly Counter<long> skipped =
        meter.CreateCounter<long>("moco.steps.skipped", "{step}", "Steps left out since loss or gradients were not finite.");
    private readonly Histogram<double> stepSeconds =
        meter.CreateHistogram<double>("moco.step.duration", "s", "Time of a step, from batch to enqueued keys.");
    private readonly Gauge<double> loss = meter.CreateGauge<double>("moco.loss", "nat", "InfoNCE, mean over a logging interval.");
    private readonly Gauge<double> contrastAccuracy =
        meter.CreateGauge<double>("moco.contrast_accuracy", "1", "Top-1 among the K+1 keys, mean over a logging interval.");
    private readonly Gauge<double> spread =
        meter.CreateGauge<double>("moco.embedding_spread", "1", "1 where embeddings cover the sphere, 0 where they have collapsed.");
    private readonly Gauge<double> learningRate =
        meter.CreateGauge<double>("moco.learning_rate", "1", "Learning rate of the latest step.");
    private readonly Gauge<double> gradientNorm =
        meter.CreateGauge<double>("moco.gradient_norm", "1", "L2 norm over all gradients before clipping, mean over a logging interval.");
    private readonly Gauge<double> probeAccuracy =
        meter.CreateGauge<double>("moco.probe_accuracy", "1", "Top-1 of the online probe on batches that it has yet to learn from.");
    private readonly Gauge<double> waitShare =
        meter.CreateGauge<double>("moco.wait_share", "1", "Share of an epoch spent waiting for data.");

    private readonly Gauge<double> falseNegatives =
        meter.CreateGauge<double>("moco.false_negatives", "1", "Share of the queue's keys that are of their query's class.");
    private readonly Gauge<double> nearFalseNegatives =
        meter.CreateGauge<double>("moco.false_negatives.nearest", "1", "The same of the 1,024 keys most similar to the query.");
    private readonly Gauge<double> leastDeviation =
        meter.CreateGauge<double>("moco.least_deviation", "1", "Least deviation of a dimension times √D; 0 where one is dead.");
    private readonly Gauge<double> rank =
        meter.CreateGauge<double>("moco.effective_rank", "1", "RankMe of the embeddings, as a share of the most that there can be.");
    private readonly Gauge<double> featureRank =
        meter.CreateGauge<double>("moco.feature_rank", "1", "RankMe of the backbone's features, likewise.");
    private readonly Gauge<double> alignment =
        meter.CreateGauge<double>("moco.alignment", "1", "Mean squared distance of embeddings and their positives.");
    private readonly Gauge<double> uniformity =
        meter.CreateGauge<double>("moco.uniformity", "1", "Log of the mean of exp(−2‖x − y‖²) over pairs; 0 where all are alike.");

    public void Step(int batch, double seconds, double rate)
    {
        steps.Add(1);
        images.Add(batch);
        stepSeconds.Record(seconds);
        learningRate.Record(rate);
    }

    public void Skipped() => skipped.Add(1);

    public void Interval(MeasuredStep mean)
    {
        loss.Record(mean.Loss);
        contrastAccuracy.Record(mean.ContrastAccuracy);
        spread.Record(mean.Spread);
        if (mean.GradientNorm is double norm) gradientNorm.Record(norm);
        if (mean.ProbeAccuracy is double probe) probeAccuracy.Record(probe);
    }

    public void FalseNegatives((double InQueue, int Nearest, double InNearest) share)
    {
        falseNegatives.Record(share.InQueue);
        nearFalseNegatives.Record(share.InNearest);
    }

    public void Embeddings(MeasuredEmbeddings measured)
    {
        leastDeviation.Record(measured.LeastDeviation);
        rank.Record(measured.Rank.Value / measured.Rank.Most);
        if (measured.FeatureRank is { } ofFeatures) featureRank.Record(ofFeatures.Value / ofFeatures.Most);
        alignment.Record(measured.Alignment);
        uniformity.Record(measured.Uniformity);
    }

    public void Epoch(EpochSummary summary)
    {
        if (summary.WaitShare is double share) waitShare.Record(share);
    }

    public void Dispose() => meter.Dispose();
}
