using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.GaussianBlur"/>.</summary>
internal sealed class GaussianBlur(double minimumSigma = 0.1, double maximumSigma = 2, double probability = 0.5) : AugmentationStep
{
    private const double LargestSigma = 64;

    /// <summary>The smallest standard deviation, in pixels.</summary>
    public double MinimumSigma { get; } = Require.That(
        minimumSigma is > 0 and <= LargestSigma, minimumSigma, Invariant($"a standard deviation above 0 and up to {LargestSigma} pixels"));

    /// <summary>The largest standard deviation, in pixels.</summary>
    public double MaximumSigma { get; } = Require.That(
        maximumSigma >= minimumSigma && maximumSigma <= LargestSigma,
        maximumSigma,
        Invariant($"a standard deviation from minimumSigma ({minimumSigma}) up to {LargestSigma} pixels"));

    /// <summary>How often the step is applied.</summary>
    public double Probability { get; } = Require.Probability(probability);

    public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!random.NextBoolean(Probability)) return;
        double sigma = random.NextDouble(MinimumSigma, MaximumSigma);
        scratch.Blur.Apply(image, sigma);
        scratch.Trace?.Add((nameof(GaussianBlur), Invariant($"σ {sigma:F2}")));
    }
}
