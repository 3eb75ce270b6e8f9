using MoCo.Imaging.Jpeg;

namespace MoCo.Imaging;

/// <summary>Makes decoders for image files.</summary>
/// <remarks>
/// <para>A file's first bytes decide its format. JPEG: libturbojpeg where the machine has it, else Skia. PNG, WebP, GIF, BMP and ICO:
/// Skia. TIFF and TGA: ImageSharp. PNM (PBM, PGM, PPM): this library. Of an animation the first frame is read, of a TIFF the first
/// page, of an ICO the largest image.</para>
/// <para>The pixels are those of PIL's <c>convert("RGB")</c> after <c>exif_transpose</c>, with these exceptions: 16-bit samples are
/// scaled to 8 bits, where PIL clips grey ones; 16-bit TIFFs, TIFFs with a palette and BMPs of 5-6-5 bits may differ by one level;
/// pixels that a GIF's first frame leaves out or makes transparent are black, and so are those that an ICO's mask hides, where PIL shows
/// a color of the palette or the one behind the mask.</para>
/// <para>Truncated files are refused, also where a decoder would fill up the rest, but for BMPs of run lengths that end early by their
/// own end mark (black). A JPEG whose compressed data are damaged is refused by libturbojpeg; Skia makes noise of the rest, as PIL does.
/// Refused, too: TIFFs with JPEG inside, with signed or floating-point samples, in CMYK, CIELab or YCbCr, or in tiles.</para>
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Pixels that one image may have unless told otherwise: 200 million.</summary>
    public const long DefaultMaximumPixels = 200_000_000;

    /// <summary>The highest limit that can be set: an image's four bytes per pixel must fit one array.</summary>
    public const long LargestMaximumPixels = 536_000_000;

    /// <summary>What sources use unless told otherwise: the defaults of <see cref="ImageDecoderOptions"/>.</summary>
    public static IImageDecoder Default { get; } = Create();

    /// <summary>Whether this machine has libturbojpeg (2.0 or later), which decodes JPEGs faster than Skia does.</summary>
    public static bool HasTurboJpeg => TurboJpegLibrary.Instance is not null;

    /// <summary>Makes a decoder.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="ImageDecoderOptions.MaximumPixels"/> is out of range.</exception>
    public static IImageDecoder Create(ImageDecoderOptions? options = null)
    {
        options ??= new();
        if (options.MaximumPixels is < 1 or > LargestMaximumPixels)
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumPixels, $"{nameof(options.MaximumPixels)}: expected 1 to {LargestMaximumPixels}.");
        return new FormatDecoder(options);
    }
}
