using System.Drawing;
using MoCo.Augmentation.Resampling;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>Resizes the image, its shape kept, until its shorter side has the given length (torchvision's <c>Resize(size)</c>).</summary>
/// <remarks>Of an image so long that the result would have more than 128 MiB, the middle that fits is taken: at 224 a strip of 14,000 × 1
/// pixels would take 2 GiB, of which a centre crop sees one pixel.</remarks>
/// <param name="size">The shorter side of the result, at least 1.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
public sealed class ResizeShorterSide(int size) : IResamplingStep
{
    private const int MostBytes = 1 << 27;

    /// <summary>The shorter side of the result.</summary>
    public int Size { get; } = Require.Size(size);

    void IResamplingStep.Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random)
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

    int IResamplingStep.Reduction(int width, int height, SampleRandom random) =>
        BilinearResampler.Reduction(Math.Min(width, height), Size);

    /// <summary>The side's part, of which as much is left out before as behind.</summary>
    private static int Kept(int side, long longest) => side <= longest ? side : (int)Math.Max(1, longest - ((side - longest) % 2));
}
