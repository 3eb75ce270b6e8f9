using System.Drawing;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Cuts the square in the middle of an image; as torchvision's, where the image is smaller it gets black borders.</summary>
/// <param name="size">Width and height of the square, at least 1.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
public sealed class CenterCrop(int size) : IResamplingStep
{
    /// <summary>Width and height of the square.</summary>
    public int Size { get; } = Require.Size(size);

    void IResamplingStep.Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        (int left, int top) = (First(source.Width), First(source.Height));
        target.Resize(Size, Size, source.Channels);
        if (source.Width < Size || source.Height < Size) target.Pixels.Clear();
        int from = Math.Max(0, left) * source.Channels, to = Math.Max(0, -left) * source.Channels;
        int bytes = Math.Min(source.Width, Size) * source.Channels;
        for (int y = Math.Max(0, top); y < Math.Min(source.Height, top + Size); y++)
            source.Row(y).Slice(from, bytes).CopyTo(target.Row(y - top)[to..]);
        scratch.Trace?.Add((nameof(CenterCrop), RandomResizedCrop.Describe(new Rectangle(left, top, Size, Size))));
    }

    /// <summary>The square's first pixel on one axis, negative where a border comes first. torchvision rounds halves of what is cut away to
    /// even, and of an odd border gives the smaller half to the beginning.</summary>
    private int First(int length) => length < Size ? -((Size - length) / 2) : (int)Math.Round((length - Size) / 2.0);
}
