using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Features;

/// <summary>Runs an encoder over all images of a source and changes nothing on the way: not the encoder's mode, not its
/// buffers, no random numbers.</summary>
public static class FeatureExtractor
{
    /// <summary>Extracts a feature vector of each image.</summary>
    /// <param name="encoder">From N×C×H×W to N×D; in evaluation mode meanwhile.</param>
    /// <param name="source">The images; those that cannot be read are left out.</param>
    /// <param name="recipe">From image to view, usually <see cref="AugmentationRecipe.Evaluation"/>.</param>
    /// <param name="batchSize">Images at a time, at least 1; the features do not depend on it.</param>
    /// <param name="device">Where the encoder lies; null: the CPU.</param>
    /// <param name="workers">Threads that read images; null: all processors but one.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×D features on the CPU, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static FeatureSet Extract(
        nn.Module<Tensor, Tensor> encoder,
        IImageSource source,
        AugmentationRecipe recipe,
        int batchSize = 512,
        Device? device = null,
        int? workers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using var loader = new SingleViewLoader(source, recipe, FeatureCollector.Options(batchSize, workers), device);
        return Extract(encoder, loader, cancellationToken);
    }

    /// <summary>Extracts a feature vector of each image that a loader delivers in its first epoch.</summary>
    /// <param name="encoder">From N×C×H×W to N×D, on the loader's device; in evaluation mode meanwhile.</param>
    /// <param name="loader">The views, of any source or stream.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×D features on the CPU, in the loader's order.</returns>
    /// <exception cref="ArgumentException">An encoder whose output is not N×D.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static FeatureSet Extract(nn.Module<Tensor, Tensor> encoder, SingleViewLoader loader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(loader);
        using var mode = new EvaluationMode(encoder);
        using var constant = no_grad();
        using var collector = new FeatureCollector(loader);
        return collector.Collect(encoder.Features, cancellationToken);
    }
}
