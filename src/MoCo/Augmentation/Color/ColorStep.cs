using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation.Color;

/// <summary>A step that changes each pixel by itself: a recipe gathers such steps and does them in one go.</summary>
internal abstract class ColorStep : AugmentationStep
{
    /// <summary>The step alone.</summary>
    public sealed override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        Plan(scratch, ref random);
        scratch.Color.Run(image);
    }

    /// <summary>Draws, and adds what is to be done to the scratch's program.</summary>
    internal abstract void Plan(AugmentationScratch scratch, ref SampleRandom random);
}
