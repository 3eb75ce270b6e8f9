using MoCo.Augmentation.Color;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.RandomGrayscale"/>.</summary>
internal sealed class RandomGrayscale(double probability = 0.2) : ColorStep
{
    /// <summary>How often the image becomes grey.</summary>
    public double Probability { get; } = Require.Probability(probability);

    internal override void Plan(AugmentationScratch scratch, ref SampleRandom random)
    {
        if (!random.NextBoolean(Probability)) return;
        scratch.Color.Add(new(ColorOperationKind.Grayscale));
        scratch.Trace?.Add((nameof(RandomGrayscale), "grey"));
    }
}
