using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Cuts the square in the middle of a picture.</summary>
public sealed class CenterCrop : IResamplingStep
{
    /// <summary>Checks and takes the size.</summary>
    /// <param name="size">Width and height of the square, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
    public CenterCrop(int size)
    {
        Require.Size(size);
        Size = size;
    }

    /// <summary>Width and height of the square.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The picture is smaller than the square.</exception>
    public void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(scratch);
        if (source.Width < Size || source.Height < Size)
            throw new InvalidOperationException($"A picture of {source.Width}×{source.Height} has no square of {Size} to cut; resize it first.");
        var box = new CropBox((int)Math.Round((source.Width - Size) / 2.0), (int)Math.Round((source.Height - Size) / 2.0), Size, Size);
        scratch.Resampler.Resize(source, box, target, Size, Size);
    }
}
