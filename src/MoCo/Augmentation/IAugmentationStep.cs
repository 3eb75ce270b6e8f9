using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>One step from an image to a view: changes 8-bit pixels in place.</summary>
/// <remarks>A step is immutable and shared by all workers. What it draws comes from the given random numbers only, and what memory it needs
/// from the given scratch, so that a view is a pure function of (seed, epoch, image, view).</remarks>
public interface IAugmentationStep
{
    /// <summary>Applies the step.</summary>
    /// <param name="image">The image, H×W×C; the step may change its size, not its channels.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random);
}

/// <summary>A step that makes a new image of another. As the first of a recipe it reads the decoded image itself, so that one decoded image
/// serves both views without a copy.</summary>
internal interface IResamplingStep : IAugmentationStep
{
    /// <summary>Makes <paramref name="target"/> of <paramref name="source"/>, which is only read and never the same buffer.</summary>
    void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random);

    /// <summary>By which factor, 1, 2, 4 or 8, an image may be decoded smaller, so that what this step resizes keeps twice the result's
    /// pixels in either direction.</summary>
    int Reduction(int width, int height, SampleRandom random) => 1;

    void IAugmentationStep.Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        Resample(image, scratch.Spare, scratch, ref random);
        image.Exchange(scratch.Spare);
    }
}
