using System.Drawing;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>A step that makes a new image of another. As the first of a recipe it reads the decoded image itself, so that one decoded image
/// serves both views without a copy.</summary>
internal abstract class ResamplingStep : AugmentationStep
{
    public sealed override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        Resample(image, scratch.Spare, scratch, ref random);
        image.Exchange(scratch.Spare);
    }

    /// <summary>Makes <paramref name="target"/> of <paramref name="source"/>, which is only read and never the same buffer.</summary>
    internal abstract void Resample(ImageBuffer source, ImageBuffer target, AugmentationScratch scratch, ref SampleRandom random);

    /// <summary>By which factor, 1, 2, 4 or 8, an image may be decoded smaller, so that what this step resizes keeps twice the result's
    /// pixels in either direction.</summary>
    internal virtual int Reduction(int width, int height, SampleRandom random) => 1;

    /// <summary>For reading: <c>300×200 at (10, 20)</c>, size, then column and row of the first pixel.</summary>
    protected static string Describe(Rectangle box) => Invariant($"{box.Width}×{box.Height} at ({box.Left}, {box.Top})");
}
