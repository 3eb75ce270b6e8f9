using System.Drawing;
using MoCo.Augmentation.Resampling;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.ResizeShorterSide"/>.</summary>
internal sealed class ResizeShorterSide(int size) : ResamplingStep
{
    private const int MostBytes = 1 << 27;

    /// <summary>The shorter side of the result.</summary>
    public int Size { get; } = Require.Size(size);

    internal override void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
    {
        (int fullWidth, int fullHeight) = (source.FullWidth, source.FullHeight);
        int shorter = Math.Min(fullWidth, fullHeight);
        // A square always fits.
        long longest = (long)Math.Max(Size, MostBytes / (Size * source.Channels)) * shorter / Size;
        (int width, int height) = (Kept(fullWidth, longest), Kept(fullHeight, longest));
        Rectangle middle = new((fullWidth - width) / 2, (fullHeight - height) / 2, width, height);
        (width, height) = ((int)((long)Size * width / shorter), (int)((long)Size * height / shorter));
        scratch.Resampler.Resize(source, middle, target, width, height);
        scratch.Trace?.Add((nameof(ResizeShorterSide), Invariant($"to {width}×{height}")));
    }

    internal override int Reduction(int width, int height, SampleRandom random) =>
        BilinearResampler.Reduction(Math.Min(width, height), Size);

    /// <summary>The side's part, of which as much is left out before as behind.</summary>
    private static int Kept(int side, long longest) => side <= longest ? side : (int)Math.Max(1, longest - ((side - longest) % 2));
}
