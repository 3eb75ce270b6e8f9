using System.Drawing;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Resizes the image, its shape kept, until its shorter side has the given length (torchvision's <c>Resize(size)</c>). Applying it
/// to an image so narrow that the result would not fit memory is an <see cref="InvalidOperationException"/>.</summary>
/// <param name="size">The shorter side of the result, at least 1.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
public sealed class ResizeShorterSide(int size) : IResamplingStep
{
    /// <summary>The shorter side of the result.</summary>
    public int Size { get; } = Require.Size(size);

    void IResamplingStep.Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        int shorter = Math.Min(source.Width, source.Height);
        (long width, long height) = ((long)Size * source.Width / shorter, (long)Size * source.Height / shorter);
        if ((Int128)width * height * source.Channels > Array.MaxLength)
        {
            throw new InvalidOperationException($"An image of {source.Width}×{source.Height} would become one of {width}×{height}, "
                + $"more than memory holds; leave it out or choose a shorter side below {Size}.");
        }
        scratch.Resampler.Resize(source, new Rectangle(0, 0, source.Width, source.Height), target, (int)width, (int)height);
        scratch.Trace?.Add((nameof(ResizeShorterSide), Invariant($"to {width}×{height}")));
    }
}
