using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Resizes the picture, its shape kept, until its shorter side has the given length (torchvision's <c>Resize(size)</c>).</summary>
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
    public void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(scratch);
        var shorter = Math.Min(source.Width, source.Height);
        var width = (int)((long)Size * source.Width / shorter);
        var height = (int)((long)Size * source.Height / shorter);
        scratch.Resampler.Resize(source, new CropBox(0, 0, source.Width, source.Height), target, width, height);
    }
}
