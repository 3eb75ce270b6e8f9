using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Changes brightness and contrast by random factors, in random order, with a given probability: the part of
/// <see cref="AugmentationStep.ColorJitter"/> that grey images have, with draws of its own.</summary>
internal sealed class BrightnessContrast(double brightness = 0.4, double contrast = 0.4, double probability = 0.8) : ColorStep
{
    private readonly double brightness = Require.Strength(brightness);
    private readonly double contrast = Require.Strength(contrast);
    private readonly double probability = Require.Probability(probability);

    internal override void Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(probability)) return;
        bool brightnessFirst = random.NextBoolean(0.5);
        ColorJitterDraw draw = default;
        draw.AddFactor(ColorOperationKind.Brightness, brightness, ref random);
        draw.AddFactor(ColorOperationKind.Contrast, contrast, ref random);
        if (!brightnessFirst) draw.Reverse();
        draw.AddTo(scratch.Color);
        scratch.Trace?.Add((nameof(BrightnessContrast), draw.ToString()));
    }
}
