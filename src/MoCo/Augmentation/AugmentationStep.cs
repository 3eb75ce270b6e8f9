using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>One step from an image to a view: changes 8-bit pixels in place. The methods make the papers' steps, under torchvision's names;
/// a step of your own derives from this class.</summary>
/// <remarks>A step is immutable and shared by all workers. What it draws comes from the given random numbers only, and what memory it needs
/// from the given scratch, so that a view is a pure function of (seed, epoch, image, view).</remarks>
public abstract class AugmentationStep
{
    /// <summary>What the step is called, here and in a scratch's trace: <c>RandomResizedCrop</c>. Default: its class's name.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Applies the step.</summary>
    /// <param name="image">The image, H×W×C; the step may change its size, not its channels.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    public abstract void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random);

    /// <summary>Cuts a random rectangle and resizes it to a square, with torchvision's distribution and PIL's antialiased bilinear
    /// filter.</summary>
    /// <remarks>Up to ten tries draw an area, evenly in the given share of the image, and an aspect ratio, evenly in its logarithm; the
    /// first rectangle that fits is placed evenly. Where none fits, the largest centred one within the ratios is taken.</remarks>
    /// <param name="size">Width and height of the result, at least 1.</param>
    /// <param name="minimumArea">The smallest share of the image's area, above 0; MoCo's is 0.2.</param>
    /// <param name="maximumArea">The largest share, up to 1.</param>
    /// <param name="minimumRatio">The narrowest width over height, above 0.</param>
    /// <param name="maximumRatio">The widest.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationStep RandomResizedCrop(
        int size, double minimumArea = 0.2, double maximumArea = 1, double minimumRatio = 3.0 / 4, double maximumRatio = 4.0 / 3) =>
        new RandomResizedCrop(size, minimumArea, maximumArea, minimumRatio, maximumRatio);

    /// <summary>Resizes the image, its shape kept, until its shorter side has the given length (torchvision's <c>Resize(size)</c>).
    /// </summary>
    /// <remarks>Of an image so long that the result would have more than 128 MiB, the middle that fits is taken: at 224 a strip of 14,000 ×
    /// 1 pixels would take 2 GiB, of which a centre crop sees one pixel.</remarks>
    /// <param name="size">The shorter side of the result, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
    public static AugmentationStep ResizeShorterSide(int size) => new ResizeShorterSide(size);

    /// <summary>Cuts the square in the middle of an image; as torchvision's, where the image is smaller it gets black borders.</summary>
    /// <param name="size">Width and height of the square, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of range.</exception>
    public static AugmentationStep CenterCrop(int size) => new CenterCrop(size);

    /// <summary>Changes brightness, contrast, saturation and hue by random amounts, in random order, with a given probability:
    /// torchvision's <c>ColorJitter</c>, inside its <c>RandomApply</c>.</summary>
    /// <remarks>A strength x gives factors evenly in [max(0, 1−x), 1+x]; the hue is turned evenly in [−x, x] of a whole turn; a strength of
    /// 0 leaves its operation out. Pixels change as PIL changes them: brightness blends with black, contrast with the rounded mean of the
    /// grey image, saturation with the grey image; the hue is turned in HSV of 8 bits a channel. Grey images have neither saturation nor
    /// hue.</remarks>
    /// <param name="brightness">Strength of the brightness change, 0 (none) or more; MoCo's is 0.4.</param>
    /// <param name="contrast">Strength of the contrast change, 0 (none) or more; MoCo's is 0.4.</param>
    /// <param name="saturation">Strength of the saturation change, 0 (none) or more; MoCo's is 0.4.</param>
    /// <param name="hue">Strength of the hue change in turns, 0 (none) … 0.5; MoCo v1's is 0.4, v2's 0.1.</param>
    /// <param name="probability">How often the step is applied at all, 0 … 1; MoCo v1's is 1, v2's 0.8.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationStep ColorJitter(
        double brightness, double contrast, double saturation, double hue, double probability = 1) =>
        new ColorJitter(brightness, contrast, saturation, hue, probability);

    /// <summary>Makes the image grey with a given probability: all three channels become its luma (ITU-R 601-2, as PIL rounds it).
    /// </summary>
    /// <param name="probability">0 … 1; MoCo's is 0.2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is out of range.</exception>
    public static AugmentationStep RandomGrayscale(double probability = 0.2) => new RandomGrayscale(probability);

    /// <summary>Inverts every value from a threshold up, with a given probability (PIL's <c>ImageOps.solarize</c>).</summary>
    /// <param name="threshold">The lowest value that is inverted, 0 (all) … 256 (none).</param>
    /// <param name="probability">How often the step is applied at all, 0 … 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationStep Solarize(int threshold = 128, double probability = 0.2) => new Solarize(threshold, probability);

    /// <summary>Blurs with a random standard deviation, with a given probability: MoCo v2's and SimCLR's blur, as PIL computes it.
    /// </summary>
    /// <remarks>PIL's Gaussian is three passes of an extended box filter (Gwosdek et al., "Theoretical foundations of Gaussian convolution
    /// by extended box filtering", 2011); here the three are one filter. The image's edge pixels continue beyond it.</remarks>
    /// <param name="minimumSigma">The smallest standard deviation in pixels, above 0; MoCo v2's is 0.1.</param>
    /// <param name="maximumSigma">The largest, up to 64; MoCo v2's is 2.</param>
    /// <param name="probability">How often the step is applied, 0 … 1; MoCo v2's is ½.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationStep GaussianBlur(double minimumSigma = 0.1, double maximumSigma = 2, double probability = 0.5) =>
        new GaussianBlur(minimumSigma, maximumSigma, probability);

    /// <summary>Mirrors the image left to right with a given probability.</summary>
    /// <param name="probability">0 … 1; MoCo's is ½.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is out of range.</exception>
    public static AugmentationStep HorizontalFlip(double probability = 0.5) => new HorizontalFlip(probability);
}
