using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Blurs with a random standard deviation, with a given probability: MoCo v2's and SimCLR's blur, as PIL computes it.</summary>
/// <remarks>PIL's Gaussian is three passes of an extended box filter (Gwosdek et al., "Theoretical foundations of Gaussian convolution by
/// extended box filtering", 2011); here the three are one filter. The image's edge pixels continue beyond it.</remarks>
/// <param name="minimumSigma">The smallest standard deviation in pixels, above 0; MoCo v2's is 0.1.</param>
/// <param name="maximumSigma">The largest, up to 64; MoCo v2's is 2.</param>
/// <param name="probability">How often the step is applied, 0 … 1; MoCo v2's is ½.</param>
/// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
public sealed class GaussianBlur(double minimumSigma = 0.1, double maximumSigma = 2, double probability = 0.5) : IAugmentationStep
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

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!random.NextBoolean(Probability)) return;
        double sigma = random.NextDouble(MinimumSigma, MaximumSigma);
        scratch.Blur.Apply(image, sigma);
        scratch.Trace?.Add((nameof(GaussianBlur), Invariant($"σ {sigma:F2}")));
    }
}
