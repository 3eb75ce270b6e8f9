using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Changes brightness, contrast, saturation and hue by random amounts, in random order, with a given probability: torchvision's
/// <c>ColorJitter</c>, inside its <c>RandomApply</c>.</summary>
/// <remarks>A strength x gives factors evenly in [max(0, 1−x), 1+x]; the hue is turned evenly in [−x, x] of a whole turn; a strength of 0
/// leaves its operation out. Pixels change as PIL changes them: brightness blends with black, contrast with the rounded mean of the grey
/// image, saturation with the grey image; the hue is turned in HSV of 8 bits a channel. Grey images have neither saturation nor
/// hue.</remarks>
/// <param name="brightness">Strength of the brightness change, 0 (none) or more; MoCo's is 0.4.</param>
/// <param name="contrast">Strength of the contrast change, 0 (none) or more; MoCo's is 0.4.</param>
/// <param name="saturation">Strength of the saturation change, 0 (none) or more; MoCo's is 0.4.</param>
/// <param name="hue">Strength of the hue change in turns, 0 (none) … 0.5; MoCo v1's is 0.4, v2's 0.1.</param>
/// <param name="probability">How often the step is applied at all, 0 … 1; MoCo v1's is 1, v2's 0.8.</param>
/// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
public sealed class ColorJitter(double brightness, double contrast, double saturation, double hue, double probability = 1) : IColorStep
{
    /// <summary>Strength of the brightness change.</summary>
    public double Brightness { get; } = Require.Strength(brightness);

    /// <summary>Strength of the contrast change.</summary>
    public double Contrast { get; } = Require.Strength(contrast);

    /// <summary>Strength of the saturation change.</summary>
    public double Saturation { get; } = Require.Strength(saturation);

    /// <summary>Strength of the hue change, in turns.</summary>
    public double Hue { get; } = Require.That(hue is >= 0 and <= 0.5, hue, "a strength from 0 to 0.5 turns");

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; } = Require.Probability(probability);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability)) return;
        ColorJitterDraw draw = Draw(ref random);
        draw.AddTo(scratch.Color);
        scratch.Trace?.Add((nameof(ColorJitter), draw.ToString()));
    }

    /// <summary>Draws an order and amounts, for a view to which the step is applied.</summary>
    internal ColorJitterDraw Draw(ref SampleRandom random)
    {
        ColorJitterDraw draw = default;
        if (Brightness > 0) draw.AddFactor(ColorOperationKind.Brightness, Brightness, ref random);
        if (Contrast > 0) draw.AddFactor(ColorOperationKind.Contrast, Contrast, ref random);
        if (Saturation > 0) draw.AddFactor(ColorOperationKind.Saturation, Saturation, ref random);
        if (Hue > 0) draw.Add(ColorOperationKind.Hue, random.NextDouble(-Hue, Hue));
        draw.Shuffle(ref random);
        return draw;
    }
}
