using MoCo.Imaging.Formats;
using MoCo.Imaging.Jpeg;

namespace MoCo.Imaging;

/// <summary>From an image file to its pixels: <see cref="Default"/>, one that <see cref="Create"/> makes, or your own.</summary>
/// <remarks>
/// <para>Every member may be called by many threads at once. What follows is of the decoders that are made here.</para>
/// <para>A file's first bytes decide its format. JPEG: libturbojpeg where the machine has it, else Skia. PNG, WebP, GIF, BMP and ICO: Skia.
/// TIFF and TGA: ImageSharp. PNM (PBM, PGM, PPM): this library. Of an animation the first frame is read, of a TIFF the first page, of an
/// ICO the largest image.</para>
/// <para>The pixels are those of PIL's <c>convert("RGB")</c> after <c>exif_transpose</c>, with these exceptions: 16-bit samples are scaled
/// to 8 bits, where PIL clips grey ones; 16-bit TIFFs, TIFFs with a palette and BMPs of 16 bits may differ by one level; pixels that a
/// GIF's first frame leaves out or makes transparent are black, and so are those that an ICO's mask hides, where PIL shows a color of the
/// palette or the one behind the mask.</para>
/// <para>Truncated files are refused, also where a decoder would fill up the rest, but for BMPs of run lengths that end early by their own
/// end mark (black). A JPEG whose compressed data are damaged is refused by libturbojpeg; Skia makes noise of the rest, as PIL does. What
/// follows a JPEG's end mark is no part of it. Refused, too: TIFFs with JPEG inside, with signed or floating-point samples, in CMYK,
/// CIELab, YCbCr or grey with alpha, in tiles, of fax run lengths or group 3, and sides of more than a million pixels.</para>
/// <para>Memory: with P the image's pixels, at most the decoder's limit, and F the file's bytes, a call takes at most 15·P + 4·F + 32 MiB
/// beside the file, of which 3·P, or 4·P where Skia decodes, are the buffer's and stay: 80 MB for 3 million pixels, 3 GB where the default
/// limit is used up. Most files take what stays, those that EXIF turns 3·P more; progressive JPEGs of four
/// inks take 15·P. A lossless WebP can make libwebp take up to 1.4 GB more for code tables, which its pixels do not bound. Each thread that
/// decodes takes as much. Time grows with P and F alone.</para>
/// </remarks>
public abstract class ImageDecoder
{
    /// <summary>Pixels that one image may have where nobody says otherwise.</summary>
    internal const long UsualMaximumPixels = 200_000_000;

    // An image's four bytes per pixel must fit one array.
    private const long LargestMaximumPixels = 536_000_000;

    /// <summary>What sources use unless told otherwise: the defaults of <see cref="Create"/>.</summary>
    public static ImageDecoder Default { get; } = Create();

    /// <summary>Whether this machine has libturbojpeg (2.0 or later), which decodes JPEGs faster than Skia does.</summary>
    internal static bool HasTurboJpeg => TurboJpegLibrary.Instance is not null;

    /// <summary>Makes a decoder of all formats.</summary>
    /// <param name="maximumPixels">Pixels that one image may have, 1 … 536,000,000; checked before memory is taken, of which a thread may
    /// need 15 bytes for each.</param>
    /// <param name="useTurboJpeg">Whether JPEGs go through libturbojpeg where the machine has it. Without it Skia decodes them to the same
    /// pixels, on x64 more slowly: it has no vector code for JPEG there.</param>
    /// <param name="useImageSharp">Whether TIFF and TGA are read, by ImageSharp. False refuses them and leaves ImageSharp unused, for files
    /// from strangers or an application that does not want the package's code to run.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumPixels"/> is out of range.</exception>
    public static ImageDecoder Create(
        long maximumPixels = UsualMaximumPixels, bool useTurboJpeg = true, bool useImageSharp = true)
    {
        if (maximumPixels is < 1 or > LargestMaximumPixels)
            throw OutOfRange.Of(maximumPixels, $"Expected 1 to {LargestMaximumPixels}.");
        return new FormatDecoder(new PixelLimit(maximumPixels), useTurboJpeg, useImageSharp);
    }

    /// <summary>Decodes an image to 8-bit red, green and blue, upright (EXIF orientation applied), alpha dropped.</summary>
    /// <param name="file">The whole file. Its content decides what it is.</param>
    /// <param name="into">Receives the pixels, H×W×3.</param>
    /// <exception cref="InvalidDataException">No image that this decoder reads, a damaged one, or one of more pixels than
    /// allowed.</exception>
    /// <exception cref="NotSupportedException">The application brings a library in a version that cannot be used.</exception>
    public abstract void Decode(ReadOnlySpan<byte> file, ImageBuffer into);
}
