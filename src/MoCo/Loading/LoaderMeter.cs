using System.Diagnostics.Metrics;

namespace MoCo.Loading;

/// <summary>Publishes loading through <c>System.Diagnostics.Metrics</c> as part of the meter "MoCo".</summary>
internal sealed class LoaderMeter : IDisposable
{
    private readonly Meter meter = new("MoCo");
    private readonly Counter<long> images;
    private readonly Counter<long> errors;
    private readonly Histogram<double> waitSeconds;
    private readonly Gauge<double> decodeSeconds;
    private readonly Gauge<double> augmentSeconds;
    private readonly Gauge<int> queueDepth;
    private readonly Gauge<double> imagesPerSecond;
    private readonly Gauge<double> waitShare;

    internal LoaderMeter()
    {
        images = meter.CreateCounter<long>("moco.loader.images", "{image}", "Images delivered by loaders.");
        errors = meter.CreateCounter<long>("moco.loader.errors", "{image}", "Places of batches whose image could not be read.");
        waitSeconds = meter.CreateHistogram<double>("moco.loader.wait.duration", "s", "Time that the consumer waited for a batch.");
        decodeSeconds = meter.CreateGauge<double>("moco.loader.decode.duration", "s", "Time to read and decode an image, mean over a batch.");
        augmentSeconds = meter.CreateGauge<double>("moco.loader.augment.duration", "s", "Time to make an image's views, mean over a batch.");
        queueDepth = meter.CreateGauge<int>("moco.loader.queue_depth", "{batch}", "Batches ready when the consumer asked for one.");
        imagesPerSecond = meter.CreateGauge<double>("moco.loader.images_per_second", "{image}/s", "Images delivered per second, since the epoch began.");
        waitShare = meter.CreateGauge<double>("moco.loader.wait_share", "1", "Share of the time that the consumer waited, since the epoch began.");
    }

    internal void Batch(LoaderStatistics batch, LoaderStatistics epoch, int depth)
    {
        images.Add(batch.Images);
        if (batch.Errors > 0)
            errors.Add(batch.Errors);
        waitSeconds.Record(batch.SecondsWaited);
        decodeSeconds.Record(batch.DecodeSecondsPerImage);
        augmentSeconds.Record(batch.AugmentSecondsPerImage);
        queueDepth.Record(depth);
        imagesPerSecond.Record(epoch.ImagesPerSecond);
        waitShare.Record(epoch.WaitShare);
    }

    public void Dispose() => meter.Dispose();
}
