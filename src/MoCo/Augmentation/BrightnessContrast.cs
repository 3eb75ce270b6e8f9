using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Changes brightness and contrast by random factors, in random order, with a given probability: the part of
/// torchvision's ColorJitter that grey images have.</summary>
/// <remarks>As PIL does it: brightness blends with black, contrast with the rounded mean of the grey image; results are cut
/// to 0 … 255 and truncated. A strength x gives factors evenly in [max(0, 1−x), 1+x].</remarks>
public sealed class BrightnessContrast : IColorStep
{
    /// <summary>Checks and takes the parameters.</summary>
    /// <param name="brightness">Strength of the brightness change, 0 (none) or more.</param>
    /// <param name="contrast">Strength of the contrast change, 0 (none) or more.</param>
    /// <param name="probability">How often the step is applied at all, 0 … 1; MoCo v2's is 0.8.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public BrightnessContrast(double brightness = 0.4, double contrast = 0.4, double probability = 0.8)
    {
        Require.Strength(brightness);
        Require.Strength(contrast);
        Require.Probability(probability);
        (Brightness, Contrast, Probability) = (brightness, contrast, probability);
    }

    /// <summary>Strength of the brightness change.</summary>
    public double Brightness { get; }

    /// <summary>Strength of the contrast change.</summary>
    public double Contrast { get; }

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random) =>
        IColorStep.Apply(this, image, scratch, ref random);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability))
            return;
        bool brightnessFirst = random.NextBoolean(0.5);
        double brightness = ColorJitter.DrawFactor(Brightness, ref random);
        double contrast = ColorJitter.DrawFactor(Contrast, ref random);

        ColorJitterDraw draw = default(ColorJitterDraw);
        if (brightnessFirst)
            draw.Add(ColorOperationKind.Brightness, brightness);
        draw.Add(ColorOperationKind.Contrast, contrast);
        if (!brightnessFirst)
            draw.Add(ColorOperationKind.Brightness, brightness);
        draw.AddTo(scratch.Color);
        scratch.Trace?.Add(nameof(BrightnessContrast), draw.ToString());
    }
}
