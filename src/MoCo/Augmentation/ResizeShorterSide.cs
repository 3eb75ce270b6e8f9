using System.Globalization;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Resizes the image, its shape kept, until its shorter side has the given length (torchvision's <c>Resize(size)</c>).</summary>
public sealed class ResizeShorterSide : IResamplingStep
{
    /// <summary>Checks and takes the length.</summary>
    /// <param name="size">The shorter side of the result, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
    public ResizeShorterSide(int size)
    {
        Require.Size(size);
        Size = size;
    }

    /// <summary>The shorter side of the result.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The image is so narrow that the result would not fit memory.</exception>
    public void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(scratch);
        int shorter = Math.Min(source.Width, source.Height);
        (long width, long height) = ((long)Size * source.Width / shorter, (long)Size * source.Height / shorter);
        if ((Int128)width * height * source.Channels > Array.MaxLength)
            throw new InvalidOperationException($"An image of {source.Width}×{source.Height} would become one of {width}×{height}, more than memory holds; leave it out or choose a shorter side below {Size}.");
        scratch.Resampler.Resize(source, new CropBox(0, 0, source.Width, source.Height), target, (int)width, (int)height);
        if (scratch.Trace is { } trace)
            trace.Add(nameof(ResizeShorterSide), string.Create(CultureInfo.InvariantCulture, $"to {width}×{height}"));
    }
}
