using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>One step from an image to a view: changes 8-bit pixels in place.</summary>
/// <remarks>A step is immutable and shared by all workers. What it draws comes from the given random numbers only, and what
/// memory it needs from the given scratch, so that a view is a pure function of (seed, epoch, image, view).</remarks>
public interface IAugmentationStep
{
    /// <summary>Applies the step.</summary>
    /// <param name="image">The image, H×W×C; the step may change its size, not its channels.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random);
}
