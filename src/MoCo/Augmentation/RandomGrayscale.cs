using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Makes the image grey with a given probability: all three channels become its luma (ITU-R 601-2, as PIL rounds it).</summary>
/// <param name="probability">0 … 1; MoCo's is 0.2.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is out of range.</exception>
public sealed class RandomGrayscale(double probability = 0.2) : IColorStep
{
    /// <summary>How often the image becomes grey.</summary>
    public double Probability { get; } = Require.Probability(probability);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability)) return;
        scratch.Color.Add(new(ColorOperationKind.Grayscale));
        scratch.Trace?.Add((nameof(RandomGrayscale), "grey"));
    }
}
