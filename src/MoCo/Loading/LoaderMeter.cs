using System.Diagnostics.Metrics;

namespace MoCo.Loading;

/// <summary>Publishes loading through <c>System.Diagnostics.Metrics</c> as part of the meter "MoCo".</summary>
internal sealed class LoaderMeter(Meter meter) : IDisposable
{
    private readonly Counter<long> images =
        meter.CreateCounter<long>("moco.loader.images", "{image}", "Images delivered by loaders.");
    private readonly Counter<long> errors =
        meter.CreateCounter<long>("moco.loader.errors", "{image}", "Places of batches whose image could not be read.");
    private readonly Histogram<double> waitSeconds =
        meter.CreateHistogram<double>("moco.loader.wait.duration", "s", "Time that the consumer waited for a batch.");
    private readonly Gauge<double> decodeSeconds =
        meter.CreateGauge<double>("moco.loader.decode.duration", "s", "Time to read and decode an image, mean over a batch.");
    private readonly Gauge<double> augmentSeconds =
        meter.CreateGauge<double>("moco.loader.augment.duration", "s", "Time to make an image's views, mean over a batch.");
    private readonly Gauge<int> queueDepth =
        meter.CreateGauge<int>("moco.loader.queue_depth", "{batch}", "Batches ready when the consumer asked for one.");
    private readonly Gauge<double> imagesPerSecond =
        meter.CreateGauge<double>("moco.loader.images_per_second", "{image}/s", "Images delivered per second, since the epoch began.");
    private readonly Gauge<double> waitShare =
        meter.CreateGauge<double>("moco.loader.wait_share", "1", "Share of the time that the consumer waited, since the epoch began.");

    internal void Batch(LoaderStatistics batch, LoaderStatistics epoch, int depth)
    {
        images.Add(batch.Images);
        if (batch.Errors > 0) errors.Add(batch.Errors);
        waitSeconds.Record(batch.SecondsWaited);
        decodeSeconds.Record(batch.DecodeSecondsPerImage);
        augmentSeconds.Record(batch.AugmentSecondsPerImage);
        queueDepth.Record(depth);
        imagesPerSecond.Record(epoch.ImagesPerSecond);
        waitShare.Record(epoch.WaitShare);
    }

    public void Dispose() => meter.Dispose();
}
