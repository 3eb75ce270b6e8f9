using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation.Color;

/// <summary>A step that changes each pixel by itself: a recipe gathers such steps and does them in one go.</summary>
internal interface IColorStep : IAugmentationStep
{
    /// <summary>Draws, and adds what is to be done to the scratch's program.</summary>
    void Plan(AugmentationScratch scratch, ref SampleRandom random);

    /// <summary>The step alone.</summary>
    static void Apply<TStep>(TStep step, ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
        where TStep : IColorStep
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        step.Plan(scratch, ref random);
        scratch.Color.Run(image);
    }
}
