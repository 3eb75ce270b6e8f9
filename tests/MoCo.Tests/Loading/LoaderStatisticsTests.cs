using System.Diagnostics;
using System.Diagnostics.Metrics;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class LoaderStatisticsTests
{
    [Fact]
    public void Statistics_count_images_batches_and_the_time_spent_waiting_and_working()
    {
        // The first batch takes one worker 100 ms at least, and the consumer has nothing to do but wait for it.
        SyntheticImages source = new(30) { Delay = TimeSpan.FromMilliseconds(5) };
        using TwoCropLoader loader = new(source, BatchRecord.Recipe, new() { BatchSize = 20, Workers = 1 });
        Assert.Null(loader.LastEpoch);

        Stopwatch clock = Stopwatch.StartNew();
        Assert.Equal(2, loader.Epoch(0).Count(Disposed));

        LoaderStatistics found = loader.Statistics;
        Assert.Equal((30, 2, 0), (found.Images, found.Batches, found.Errors));
        Assert.InRange(found.SecondsWaited, 0.1, clock.Elapsed.TotalSeconds);
        Assert.InRange(found.Seconds, found.SecondsWaited, clock.Elapsed.TotalSeconds);
        Assert.InRange(found.DecodeSecondsPerImage, 0.005, clock.Elapsed.TotalSeconds / 30);
        Assert.InRange(found.SecondsAugmenting, 1e-9, clock.Elapsed.TotalSeconds);
        Assert.InRange(found.WaitShare, 0.5, 1);
        Assert.Equal(30 / found.Seconds, found.ImagesPerSecond);
    }

    [Fact]
    public void An_epoch_has_numbers_of_its_own_and_the_loader_their_sum()
    {
        using TwoCropLoader loader = new(new SyntheticImages(30), BatchRecord.Recipe, new() { BatchSize = 10 });
        Assert.Equal(3, loader.Epoch(0).Count(Disposed));
        Assert.Equal(1, loader.Epoch(1, firstBatch: 2).Count(Disposed));

        Assert.Equal((10L, 1L), (loader.LastEpoch!.Value.Images, loader.LastEpoch.Value.Batches));
        Assert.Equal((40L, 4L), (loader.Statistics.Images, loader.Statistics.Batches));
    }

    [Fact]
    public void The_meter_publishes_what_the_loader_does()
    {
        Dictionary<string, List<double>> found = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "MoCo" && instrument.Name.StartsWith("moco.loader.", StringComparison.Ordinal))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
        SyntheticImages source = new(40);
        source.Broken.Add(3);

        using (TwoCropLoader loader = new(source, BatchRecord.Recipe, new() { BatchSize = 16, MaximumErrorShare = 1 }))
            Assert.Equal(3, loader.Epoch(0).Count(Disposed));

        Assert.Equal(40, found["moco.loader.images"].Sum());
        Assert.Equal(1, found["moco.loader.errors"].Sum());
        string[] perBatch = ["wait.duration", "decode.duration", "augment.duration", "queue_depth", "images_per_second", "wait_share"];
        Assert.All(perBatch, name => Assert.Equal(3, found[$"moco.loader.{name}"].Count));
        Assert.All(found["moco.loader.queue_depth"], depth => Assert.InRange(depth, 0, 4));
        Assert.All(found["moco.loader.decode.duration"], seconds => Assert.InRange(seconds, 1e-9, 1));

        void Add(Instrument instrument, double value)
        {
            if (!found.TryGetValue(instrument.Name, out List<double>? values)) found.Add(instrument.Name, values = []);
            values.Add(value);
        }
    }

    private static bool Disposed(TwoCropBatch batch)
    {
        batch.Dispose();
        return true;
    }
}
