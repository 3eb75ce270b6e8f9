using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Benchmarks.Measuring;

/// <summary>How many pairs of views a loader delivers to a consumer that does nothing else.</summary>
/// <param name="PairsPerSecond">Over as many epochs as fitted the time.</param>
/// <param name="PairsPerCpuSecond">Pairs a second of processor time that the whole process spent.</param>
/// <param name="BytesPerImage">Managed memory that the whole process allocated meanwhile, for each image.</param>
internal readonly record struct LoaderSpeed(double PairsPerSecond, double PairsPerCpuSecond, double BytesPerImage)
{
    private const int WarmUpBatches = 8;

    /// <summary>Grey 28×28 images in memory: what is timed is the loader itself.</summary>
    public static LoaderSpeed OfSmallImages(int workers, double seconds)
        => Measure(new RandomImages(), AugmentationRecipe.Grey(28), 256, workers, seconds);

    public static LoaderSpeed Measure(IImageSource source, AugmentationRecipe recipe, int batchSize, int workers, double seconds)
    {
        using TwoCropLoader loader = new(
            source, recipe, new LoaderOptions { BatchSize = batchSize, Workers = workers, DropLast = true });
        long pairs = 0, batches = 0, start = 0, allocated = 0;
        TimeSpan cpu = default;
        for (int epoch = 0; ; epoch++)
        {
            foreach (TwoCropBatch batch in loader.Epoch(epoch))
            {
                using (batch) pairs += batch.Size;
                if (++batches == WarmUpBatches)
                    (pairs, allocated, cpu, start) =
                        (0, GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
                if (batches <= WarmUpBatches) continue;
                double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (elapsed < seconds) continue;
                double bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated;
                return new LoaderSpeed(pairs / elapsed, pairs / (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, bytes / pairs);
            }
        }
    }
}
