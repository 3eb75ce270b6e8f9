using System.Globalization;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Blurs with a random standard deviation, with a given probability: MoCo v2's and SimCLR's blur, as PIL computes it.</summary>
/// <remarks>PIL's Gaussian is three passes of an extended box filter (Gwosdek et al., "Theoretical foundations of Gaussian
/// convolution by extended box filtering", 2011); here the three are one filter. The image's edge pixels continue beyond it.</remarks>
public sealed class GaussianBlur : IAugmentationStep
{
    private const double LargestSigma = 64;

    /// <summary>Checks and takes the parameters; the defaults are MoCo v2's.</summary>
    /// <param name="minimumSigma">The smallest standard deviation in pixels, above 0.</param>
    /// <param name="maximumSigma">The largest, up to 64.</param>
    /// <param name="probability">How often the step is applied, 0 … 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public GaussianBlur(double minimumSigma = 0.1, double maximumSigma = 2, double probability = 0.5)
    {
        Require.That(minimumSigma is > 0 and <= LargestSigma, nameof(minimumSigma), minimumSigma, $"a standard deviation above 0 and up to {LargestSigma} pixels");
        Require.That(maximumSigma >= minimumSigma && maximumSigma <= LargestSigma, nameof(maximumSigma), maximumSigma, $"a standard deviation from minimumSigma ({minimumSigma}) up to {LargestSigma} pixels");
        Require.Probability(probability);
        (MinimumSigma, MaximumSigma, Probability) = (minimumSigma, maximumSigma, probability);
    }

    /// <summary>The smallest standard deviation, in pixels.</summary>
    public double MinimumSigma { get; }

    /// <summary>The largest standard deviation, in pixels.</summary>
    public double MaximumSigma { get; }

    /// <summary>How often the step is applied.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!random.NextBoolean(Probability))
            return;
        double sigma = random.NextDouble(MinimumSigma, MaximumSigma);
        scratch.Blur.Apply(image, sigma);
        if (scratch.Trace is { } trace)
            trace.Add(nameof(GaussianBlur), string.Create(CultureInfo.InvariantCulture, $"σ {sigma:F2}"));
    }
}
