using System.Drawing;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.CenterCrop"/>.</summary>
internal sealed class CenterCrop(int size) : ResamplingStep
{
    /// <summary>Width and height of the square.</summary>
    public int Size { get; } = Require.Size(size);

    internal override void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        (int left, int top) = (First(source.Width), First(source.Height));
        target.Resize(Size, Size, source.Channels);
        if (source.Width < Size || source.Height < Size) target.Pixels.Clear();
        int from = Math.Max(0, left) * source.Channels, to = Math.Max(0, -left) * source.Channels;
        int bytes = Math.Min(source.Width, Size) * source.Channels;
        for (int y = Math.Max(0, top); y < Math.Min(source.Height, top + Size); y++)
            source.Row(y).Slice(from, bytes).CopyTo(target.Row(y - top)[to..]);
        scratch.Trace?.Add((nameof(CenterCrop), Describe(new Rectangle(left, top, Size, Size))));
    }

    /// <summary>The square's first pixel on one axis, negative where a border comes first. torchvision rounds halves of what is cut away to
    /// even, and of an odd border gives the smaller half to the beginning.</summary>
    private int First(int length) => length < Size ? -((Size - length) / 2) : (int)Math.Round((length - Size) / 2.0);
}
