using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>A step that makes a new image of another. As the first of a recipe it reads the decoded image itself, so
/// that one decoded image serves both views without a copy.</summary>
public interface IResamplingStep : IAugmentationStep
{
    /// <summary>Applies the step to an image that must stay as it is.</summary>
    /// <param name="source">The image, H×W×C, only read.</param>
    /// <param name="target">Receives the result; never the same buffer as <paramref name="source"/>.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random);

    /// <inheritdoc/>
    void IAugmentationStep.Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        Resample(image, scratch.Spare, scratch, ref random);
        image.Exchange(scratch.Spare);
    }
}
