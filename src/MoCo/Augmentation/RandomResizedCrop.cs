using System.Drawing;
using MoCo.Augmentation.Resampling;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.RandomResizedCrop"/>.</summary>
internal sealed class RandomResizedCrop(
    int size, double minimumArea = 0.2, double maximumArea = 1, double minimumRatio = 3.0 / 4, double maximumRatio = 4.0 / 3)
    : ResamplingStep
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

    internal override void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        Rectangle box = Draw(source.FullWidth, source.FullHeight, ref random);
        scratch.Resampler.Resize(source, box, target, Size, Size);
        scratch.Trace?.Add((nameof(RandomResizedCrop), Describe(box)));
    }

    internal override int Reduction(int width, int height, SampleRandom random)
    {
        Rectangle box = Draw(width, height, ref random);
        return BilinearResampler.Reduction(Math.Min(box.Width, box.Height), Size);
    }

    /// <summary>Draws the rectangle for an image, in its pixels.</summary>
    internal Rectangle Draw(int width, int height, ref SampleRandom random)
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

    private Rectangle Centred(int width, int height)
    {
        double ratio = (double)width / height;
        (int w, int h) = (width, height);
        if (ratio < MinimumRatio) h = Math.Clamp((int)Math.Round(width / MinimumRatio), 1, height);
        else if (ratio > MaximumRatio) w = Math.Clamp((int)Math.Round(height * MaximumRatio), 1, width);
        return new Rectangle((width - w) / 2, (height - h) / 2, w, h);
    }
}
