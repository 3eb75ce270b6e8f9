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
            ViewPass.Run(source, recipe, batchSize, ViewPass.Workers(workers), Encode, cancellation);
            return new FeatureSet(features!, FeatureSet.LabelsOf(source));
        }
        catch
        {
            features?.Dispose();
            throw;
        }

        void Encode(int start, int count, ReadOnlySpan<float> views)
        {
            using var scope = NewDisposeScope();
            using var batch = TwoCropBatch.ChannelsLast(views, count, recipe.OutputSize, source.Channels, device);
            var output = encoder.call(batch);
            if (output.shape.Length != 2 || output.shape[0] != count)
                throw new ArgumentException($"Expected an encoder that gives {count}×D for {count} views, found {string.Join('×', output.shape)}.", nameof(encoder));
            features ??= empty(source.Count, output.shape[1], dtype: ScalarType.Float32).DetachFromDisposeScope();
            features.narrow(0, start, count).copy_(output);
        }
    }
}
