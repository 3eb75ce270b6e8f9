using System.Runtime.InteropServices;
using MoCo.Augmentation;
using MoCo.Data;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>The pixels themselves as features: what an encoder has to beat.</summary>
public static class RawPixels
{
    private const int BatchSize = 512;

    /// <summary>Takes the evaluation view of each picture as its feature vector.</summary>
    /// <param name="source">The pictures.</param>
    /// <param name="size">Width and height of the evaluation view.</param>
    /// <param name="workers">Threads that read pictures; null: all processors but one.</param>
    /// <param name="cancellation">Ends the extraction between two batches.</param>
    /// <returns>N×(H·W·C) features, scaled to 0 … 1, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range.</exception>
    /// <exception cref="LoaderException">A picture could not be loaded.</exception>
    public static FeatureSet Extract(IImageSource source, int size, int? workers = null, CancellationToken cancellation = default)
    {
        var recipe = AugmentationRecipe.Evaluation(size, Normalize.UnitRange);
        ViewPlan.Check(source, recipe, BatchSize);
        var features = empty(source.Count, (long)size * size * source.Channels, dtype: ScalarType.Float32).DetachFromDisposeScope();
        try
        {
            ViewPass.Run(source, recipe, BatchSize, ViewPass.Workers(workers), Fill, cancellation);
            return new FeatureSet(features, FeatureSet.LabelsOf(source));
        }
        catch
        {
            features.Dispose();
            throw;
        }

        void Fill(int start, int count, ReadOnlySpan<float> views)
        {
            using var rows = features.narrow(0, start, count);
            MemoryMarshal.AsBytes(views).CopyTo(rows.bytes);
        }
    }
}
