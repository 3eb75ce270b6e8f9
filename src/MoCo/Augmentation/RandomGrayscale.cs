using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Makes the image grey with a given probability: all three channels become its luma (ITU-R 601-2, as PIL rounds it).</summary>
public sealed class RandomGrayscale : IColorStep
{
    /// <summary>Checks and takes the probability.</summary>
    /// <param name="probability">0 … 1; MoCo's is 0.2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is out of range.</exception>
    public RandomGrayscale(double probability = 0.2)
    {
        Require.Probability(probability);
        Probability = probability;
    }

    /// <summary>How often the image becomes grey.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random) =>
        IColorStep.Apply(this, image, scratch, ref random);

    void IColorStep.Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability))
            return;
        scratch.Color.Add(new ColorOperation(ColorOperationKind.Grayscale));
        scratch.Trace?.Add(nameof(RandomGrayscale), "grey");
    }
}
