using System.Diagnostics;
using MoCo.Augmentation;
using MoCo.Data;

namespace MoCo.Benchmarks.Measuring;

/// <summary>How many pairs of views the loader delivers to a consumer that does nothing else.</summary>
internal static class LoaderSpeed
{
    private const int BatchSize = 256;
    private const int WarmUpBatches = 8;

    /// <summary>Pairs a second, over as many epochs as fit the time.</summary>
    public static double Measure(int workers, double seconds)
    {
        var source = new RandomPictures();
        using var loader = new TwoCropLoader(source, AugmentationRecipe.Grey(28), new LoaderOptions { BatchSize = BatchSize, Workers = workers });
        long pairs = 0, batches = 0, start = Stopwatch.GetTimestamp();
        for (int epoch = 0; ; epoch++)
        {
            foreach (TwoCropBatch batch in loader.Epoch(epoch))
            {
                using (batch) pairs += batch.Size;
                if (++batches == WarmUpBatches) (pairs, start) = (0, Stopwatch.GetTimestamp());
                double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (batches > WarmUpBatches && elapsed >= seconds) return pairs / elapsed;
            }
        }
    }
}
