using System.Drawing;
using MoCo.Augmentation.Resampling;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Cuts a random rectangle and resizes it to a square, with torchvision's distribution and PIL's antialiased bilinear
/// filter.</summary>
/// <remarks>Up to ten tries draw an area, evenly in the given share of the image, and an aspect ratio, evenly in its logarithm; the first
/// rectangle that fits is placed evenly. Where none fits, the largest centred one within the ratios is taken.</remarks>
/// <param name="size">Width and height of the result, at least 1.</param>
/// <param name="minimumArea">The smallest share of the image's area, above 0; MoCo's is 0.2.</param>
/// <param name="maximumArea">The largest share, up to 1.</param>
/// <param name="minimumRatio">The narrowest width over height, above 0.</param>
/// <param name="maximumRatio">The widest.</param>
/// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
public sealed class RandomResizedCrop(
    int size, double minimumArea = 0.2, double maximumArea = 1, double minimumRatio = 3.0 / 4, double maximumRatio = 4.0 / 3)
    : IResamplingStep
{
    private const int Tries = 10;

    private readonly double lowestLogRatio = Math.Log(minimumRatio), highestLogRatio = Math.Log(maximumRatio);

    /// <summary>Width and height of the result.</summary>
    public int Size { get; } = Require.Size(size);

    /// <summary>The smallest share of the image's area.</summary>
    public double MinimumArea { get; } = Require.That(minimumArea is > 0 and <= 1, minimumArea, "a share of the image above 0 and up to 1");

    /// <summary>The largest share of the image's area.</summary>
    public double MaximumArea { get; } = Require.That(
        maximumArea >= minimumArea && maximumArea <= 1, maximumArea, Invariant($"a share from minimumArea ({minimumArea}) up to 1"));

    /// <summary>The narrowest width over height.</summary>
    public double MinimumRatio { get; } = Require.That(
        minimumRatio > 0 && double.IsFinite(minimumRatio), minimumRatio, "a ratio of width to height above 0");

    /// <summary>The widest width over height.</summary>
    public double MaximumRatio { get; } = Require.That(
        maximumRatio >= minimumRatio && double.IsFinite(maximumRatio),
        maximumRatio,
        Invariant($"a ratio from minimumRatio ({minimumRatio}) up"));

    void IResamplingStep.Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        Rectangle box = Draw(source.FullWidth, source.FullHeight, ref random);
        scratch.Resampler.Resize(source, box, target, Size, Size);
        scratch.Trace?.Add((nameof(RandomResizedCrop), Describe(box)));
    }

    int IResamplingStep.Reduction(int width, int height, SampleRandom random)
    {
        Rectangle box = Draw(width, height, ref random);
        return BilinearResampler.Reduction(Math.Min(box.Width, box.Height), Size);
    }

    /// <summary>Draws the rectangle for an image.</summary>
    /// <param name="width">The image's columns.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="random">The view's random numbers.</param>
    /// <returns>A rectangle within the image, in pixels.</returns>
    public Rectangle Draw(int width, int height, ref SampleRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        double area = (double)width * height;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            double target = area * random.NextDouble(MinimumArea, MaximumArea);
            double ratio = Math.Exp(random.NextDouble(lowestLogRatio, highestLogRatio));
            double w = Math.Round(Math.Sqrt(target * ratio)), h = Math.Round(Math.Sqrt(target / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                int top = random.NextInt32(height - (int)h + 1);
                return new Rectangle(random.NextInt32(width - (int)w + 1), top, (int)w, (int)h);
            }
        }
        return Centred(width, height);
    }

    /// <summary>For reading: <c>300×200 at (10, 20)</c>, size, then column and row of the first pixel.</summary>
    internal static string Describe(Rectangle box) => Invariant($"{box.Width}×{box.Height} at ({box.Left}, {box.Top})");

    private Rectangle Centred(int width, int height)
    {
        double ratio = (double)width / height;
        (int w, int h) = (width, height);
        if (ratio < MinimumRatio) h = Math.Clamp((int)Math.Round(width / MinimumRatio), 1, height);
        else if (ratio > MaximumRatio) w = Math.Clamp((int)Math.Round(height * MaximumRatio), 1, width);
        return new Rectangle((width - w) / 2, (height - h) / 2, w, h);
    }
}
