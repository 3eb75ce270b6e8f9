using System.Runtime.InteropServices;
using MoCo.Augmentation;
using MoCo.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Runs an encoder over all pictures of a source and changes nothing on the way: not the encoder's mode, not its
/// buffers, no random numbers.</summary>
public static class FeatureExtractor
{
    /// <summary>Extracts a feature vector of each picture.</summary>
    /// <param name="encoder">From N×C×H×W to N×D; in evaluation mode meanwhile.</param>
    /// <param name="source">The pictures.</param>
    /// <param name="recipe">From picture to view, usually <see cref="AugmentationRecipe.Evaluation"/>.</param>
    /// <param name="batchSize">Pictures at a time, at least 1; the features do not depend on it.</param>
    /// <param name="device">Where the encoder lies; null: the CPU.</param>
    /// <param name="workers">Threads that read pictures; null: all processors but one.</param>
    /// <param name="cancellation">Ends the extraction between two batches.</param>
    /// <returns>N×D features on the CPU, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="LoaderException">A picture could not be loaded.</exception>
    public static FeatureSet Extract(
        nn.Module<Tensor, Tensor> encoder,
        IImageSource source,
        AugmentationRecipe recipe,
        int batchSize = 512,
        Device? device = null,
        int? workers = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ViewPlan.Check(source, recipe, batchSize);
        using var mode = new EvaluationMode(encoder);
        using var constant = no_grad();
        Tensor? features = null;
        try
        {
            ViewPass.Run(source, recipe, batchSize, Workers(workers), cancellation, (start, count, views) =>
            {
                using var scope = NewDisposeScope();
                using var batch = TwoCropBatch.ChannelsLast(views, count, recipe.OutputSize, source.Channels, device);
                var output = encoder.call(batch);
                if (output.shape.Length != 2 || output.shape[0] != count)
                    throw new ArgumentException($"Expected an encoder that gives {count}×D for {count} views, found {string.Join('×', output.shape)}.", nameof(encoder));
                features ??= empty(source.Count, output.shape[1], dtype: ScalarType.Float32).DetachFromDisposeScope();
                features.narrow(0, start, count).copy_(output);
            });
            return new FeatureSet(features!, FeatureSet.LabelsOf(source));
        }
        catch
        {
            features?.Dispose();
            throw;
        }
    }

    /// <summary>The pixels themselves as features: what an encoder has to beat.</summary>
    /// <param name="source">The pictures.</param>
    /// <param name="size">Width and height of the evaluation view.</param>
    /// <param name="workers">Threads that read pictures; null: all processors but one.</param>
    /// <returns>N×(H·W·C) features, scaled to 0 … 1.</returns>
    /// <exception cref="ArgumentException">An argument out of range.</exception>
    /// <exception cref="LoaderException">A picture could not be loaded.</exception>
    public static FeatureSet RawPixels(IImageSource source, int size, int? workers = null)
    {
        const int BatchSize = 512;
        var recipe = AugmentationRecipe.Evaluation(size, Normalize.UnitRange);
        ViewPlan.Check(source, recipe, BatchSize);
        var features = empty(source.Count, (long)size * size * source.Channels, dtype: ScalarType.Float32).DetachFromDisposeScope();
        try
        {
            ViewPass.Run(source, recipe, BatchSize, Workers(workers), CancellationToken.None, (start, count, views) =>
            {
                using var rows = features.narrow(0, start, count);
                MemoryMarshal.AsBytes(views).CopyTo(rows.bytes);
            });
            return new FeatureSet(features, FeatureSet.LabelsOf(source));
        }
        catch
        {
            features.Dispose();
            throw;
        }
    }

    private static int Workers(int? workers)
    {
        if (workers is < 1)
            throw new ArgumentOutOfRangeException(nameof(workers), workers, "Expected at least 1 thread.");
        return workers ?? Math.Max(1, Environment.ProcessorCount - 1);
    }
}
