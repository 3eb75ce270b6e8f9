using MoCo.Augmentation;

namespace MoCo.Data;

/// <summary>One pass over a source in its own order, one view of each picture: what evaluation needs of the loader's engine.</summary>
internal static class ViewPass
{
    private const int Prefetch = 3;

    /// <summary>What is done with a batch, on the caller's thread.</summary>
    /// <param name="start">The first picture.</param>
    /// <param name="count">Pictures in the batch.</param>
    /// <param name="views">Their views, N×H×W×C; valid during the call only.</param>
    internal delegate void Visit(int start, int count, ReadOnlySpan<float> views);

    internal static void Run(IImageSource source, AugmentationRecipe recipe, int batchSize, int workers, Visit visit, CancellationToken cancellation)
    {
        var order = EpochPermutation.Identity(source.Count);
        var batches = (int)(((long)source.Count + batchSize - 1) / batchSize);
        var plan = new ViewPlan(source, recipe, order, 0, 0, 1, batchSize, 0, batches, workers, Prefetch);
        using var pump = new ViewPump(plan, new ViewPool());
        for (var batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var slot = pump.Take();
            var count = plan.SizeOf(batch);
            visit(batch * batchSize, count, slot.Views[0].AsSpan(0, count * plan.ViewLength));
            pump.Release();
        }
    }

    internal static int Workers(int? workers)
    {
        if (workers is < 1)
            throw new ArgumentOutOfRangeException(nameof(workers), workers, "Expected at least 1 thread.");
        return workers ?? Math.Max(1, Environment.ProcessorCount - 1);
    }
}
