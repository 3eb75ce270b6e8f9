using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.Solarize"/>.</summary>
internal sealed class Solarize(int threshold = 128, double probability = 0.2) : ColorStep
{
    /// <summary>The lowest value that is inverted.</summary>
    public int Threshold { get; } = Require.That(threshold is >= 0 and <= 256, threshold, "a value from 0 to 256");

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; } = Require.Probability(probability);

    internal override void Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability)) return;
        scratch.Color.Add(new(ColorOperationKind.Solarize, Threshold));
        scratch.Trace?.Add((nameof(Solarize), Invariant($"from {Threshold} up")));
    }
}
