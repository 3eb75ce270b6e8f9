using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Features;

/// <summary>The pixels themselves as features: what an encoder has to beat.</summary>
public static class RawPixels
{
    private const int BatchSize = 512;

    /// <summary>Takes the evaluation view of each image as its feature vector.</summary>
    /// <param name="source">The images; those that cannot be read are left out.</param>
    /// <param name="size">Width and height of the evaluation view.</param>
    /// <param name="workers">Threads that read images; null: all processors but one.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×(H·W·C) features, scaled to 0 … 1, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range.</exception>
    /// <exception cref="LoaderException">Too many images could not be read.</exception>
    public static FeatureSet Extract(IImageSource source, int size, int? workers = null, CancellationToken cancellationToken = default)
    {
        var recipe = AugmentationRecipe.Evaluation(size, Normalize.UnitRange);
        using var loader = new SingleViewLoader(source, recipe, FeatureCollector.Options(BatchSize, workers));
        using var constant = no_grad();
        using var collector = new FeatureCollector(loader);
        // N×C×H×W in channels-last memory: the rows as they lie.
        return collector.Collect(views => views.permute(0, 2, 3, 1).flatten(1), cancellationToken);
    }
}
