using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Inverts every value from a threshold up, with a given probability (PIL's <c>ImageOps.solarize</c>).</summary>
/// <param name="threshold">The lowest value that is inverted, 0 (all) … 256 (none).</param>
/// <param name="probability">How often the step is applied at all, 0 … 1.</param>
/// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
public sealed class Solarize(int threshold = 128, double probability = 0.2) : IColorStep
{
    /// <summary>The lowest value that is inverted.</summary>
    public int Threshold { get; } = Require.That(threshold is >= 0 and <= 256, threshold, "a value from 0 to 256");

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; } = Require.Probability(probability);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability)) return;
        scratch.Color.Add(new(ColorOperationKind.Solarize, Threshold));
        scratch.Trace?.Add((nameof(Solarize), Invariant($"from {Threshold} up")));
    }
}
