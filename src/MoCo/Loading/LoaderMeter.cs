using System.Diagnostics.Metrics;
using MoCo.Evaluation;

namespace MoCo.Loading;

/// <summary>Publishes loading through <c>System.Diagnostics.Metrics</c> as part of the meter "MoCo".</summary>
internal sealed class LoaderMeter : IDisposable
{
    private readonly Meter meter = new("MoCo");
    private readonly Counter<long> pictures;
    private readonly Counter<long> faults;
    private readonly Histogram<double> waitSeconds;
    private readonly Gauge<double> decodeSeconds;
    private readonly Gauge<double> augmentSeconds;
    private readonly Gauge<int> queueDepth;
    private readonly Gauge<double> picturesPerSecond;
    private readonly Gauge<double> waitShare;

    internal LoaderMeter()
    {
        pictures = meter.CreateCounter<long>("moco.loader.pictures", "{picture}", "Pictures delivered by loaders.");
        faults = meter.CreateCounter<long>("moco.loader.faults", "{picture}", "Places of batches whose picture could not be read.");
        waitSeconds = meter.CreateHistogram<double>("moco.loader.wait.duration", "s", "Time that the consumer waited for a batch.");
        decodeSeconds = meter.CreateGauge<double>("moco.loader.decode.duration", "s", "Time to read and decode a picture, mean over a batch.");
        augmentSeconds = meter.CreateGauge<double>("moco.loader.augment.duration", "s", "Time to make a picture's views, mean over a batch.");
        queueDepth = meter.CreateGauge<int>("moco.loader.queue_depth", "{batch}", "Batches ready when the consumer asked for one.");
        picturesPerSecond = meter.CreateGauge<double>("moco.loader.pictures_per_second", "{picture}/s", "Pictures delivered per second, since the epoch began.");
        waitShare = meter.CreateGauge<double>("moco.loader.wait_share", "1", "Share of the time that the consumer waited, since the epoch began.");
    }

    internal void Batch(LoaderStatistics batch, LoaderStatistics epoch, int depth)
    {
        pictures.Add(batch.Pictures);
        if (batch.Faults > 0)
            faults.Add(batch.Faults);
        waitSeconds.Record(batch.SecondsWaited);
        decodeSeconds.Record(batch.DecodeSecondsPerPicture);
        augmentSeconds.Record(batch.AugmentSecondsPerPicture);
        queueDepth.Record(depth);
        picturesPerSecond.Record(epoch.PicturesPerSecond);
        waitShare.Record(epoch.WaitShare);
    }

    public void Dispose() => meter.Dispose();
}
