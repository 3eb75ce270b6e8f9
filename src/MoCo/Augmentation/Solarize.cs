using System.Globalization;
using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Inverts every value from a threshold up, with a given probability (PIL's <c>ImageOps.solarize</c>).</summary>
public sealed class Solarize : IColorStep
{
    /// <summary>Checks and takes the parameters.</summary>
    /// <param name="threshold">The lowest value that is inverted, 0 (all) … 256 (none).</param>
    /// <param name="probability">How often the step is applied at all, 0 … 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public Solarize(int threshold = 128, double probability = 0.2)
    {
        Require.That(threshold is >= 0 and <= 256, nameof(threshold), threshold, "a value from 0 to 256");
        Require.Probability(probability);
        (Threshold, Probability) = (threshold, probability);
    }

    /// <summary>The lowest value that is inverted.</summary>
    public int Threshold { get; }

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random) =>
        IColorStep.Apply(this, image, scratch, ref random);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability))
            return;
        scratch.Color.Add(new ColorOperation(ColorOperationKind.Solarize, Threshold));
        scratch.Trace?.Add(nameof(Solarize), string.Create(CultureInfo.InvariantCulture, $"from {Threshold} up"));
    }
}
