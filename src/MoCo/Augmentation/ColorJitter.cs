using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.ColorJitter"/>.</summary>
internal sealed class ColorJitter(double brightness, double contrast, double saturation, double hue, double probability = 1) : ColorStep
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

    internal override void Plan(AugmentationScratch scratch, ref SampleRandom random)
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
