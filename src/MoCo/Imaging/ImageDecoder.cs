using MoCo.Imaging.Formats;
using MoCo.Imaging.Jpeg;

namespace MoCo.Imaging;

/// <summary>From an image file to its pixels.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public interface IImageDecoder
{
    /// <summary>Decodes an image to 8-bit red, green and blue, upright (EXIF orientation applied), alpha dropped.</summary>
    /// <param name="file">The whole file. Its content decides what it is.</param>
    /// <param name="into">Receives the pixels, H×W×3.</param>
    /// <exception cref="InvalidDataException">No image that this decoder reads, a damaged one, or one of more pixels than
    /// allowed.</exception>
    /// <exception cref="NotSupportedException">The application brings a library in a version that cannot be used.</exception>
    void Decode(ReadOnlySpan<byte> file, ImageBuffer into);
}

/// <summary>The decoder of image files: looks what a file is and hands it to the decoder of that format.</summary>
/// <remarks>
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
/// <para>Memory: with P the image's pixels, at most <see cref="ImageDecoderOptions.MaximumPixels"/>, and F the file's bytes, a call takes
/// at most 15·P + 4·F + 32 MiB beside the file, of which 3·P, or 4·P where Skia decodes, are the buffer's and stay: 80 MB for 3 million
/// pixels, 3 GB where the default limit is used up. Most files take what stays, those that EXIF turns 3·P more; progressive JPEGs of four
/// inks take 15·P. A lossless WebP can make libwebp take up to 1.4 GB more for code tables, which its pixels do not bound. Each thread that
/// decodes takes as much. Time grows with P and F alone.</para>
/// </remarks>
public sealed class ImageDecoder : IImageDecoder
{
    private readonly TurboJpegDecoder? turboJpeg;
    private readonly SkiaDecoder skia;
    private readonly ImageSharpDecoder? imageSharp;
    private readonly PixelLimit limit;

    private ImageDecoder(ImageDecoderOptions options)
    {
        limit = new(options.MaximumPixels);
        skia = new(limit);
        turboJpeg = options.UseTurboJpeg && TurboJpegLibrary.Instance is { } library ? new(library, limit) : null;
        imageSharp = options.UseImageSharp ? new(limit) : null;
    }

    /// <summary>What sources use unless told otherwise: the defaults of <see cref="ImageDecoderOptions"/>.</summary>
    public static IImageDecoder Default { get; } = Create();

    /// <summary>Whether this machine has libturbojpeg (2.0 or later), which decodes JPEGs faster than Skia does.</summary>
    internal static bool HasTurboJpeg => TurboJpegLibrary.Instance is not null;

    /// <summary>Makes a decoder.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ImageDecoder Create(ImageDecoderOptions? options = null)
    {
        options ??= new();
        options.Validate();
        return new(options);
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (file.IsEmpty) throw new InvalidDataException("The file is empty.");
        ImageFormat format = ImageSignature.Of(file);
        switch (format)
        {
            case ImageFormat.Unknown:
                throw ImageSignature.NotAnImage(file);
            case ImageFormat.Jpeg:
                JpegSegments segments = JpegSegments.Read(file);
                if (segments.Scans == 0) throw new InvalidDataException("The JPEG is truncated or damaged: it ends before its pixels.");
                if (turboJpeg is null || !turboJpeg.TryDecode(file, segments, into)) skia.Decode(file, format, into, segments);
                break;
            case ImageFormat.Pnm:
                PnmDecoder.Decode(file, limit, into);
                break;
            case ImageFormat.Tiff or ImageFormat.Tga:
                if (imageSharp is null)
                {
                    string name = format.ToString().ToUpperInvariant();
                    throw new InvalidDataException($"{name} files are not read: the decoder's options switch ImageSharp off.");
                }
                imageSharp.Decode(file, format, into);
                break;
            default:
                skia.Decode(file, format, into);
                break;
        }
    }
}

/// <summary>What <see cref="ImageDecoder.Create"/> builds.</summary>
public sealed record ImageDecoderOptions
{
    // An image's four bytes per pixel must fit one array.
    private const long LargestMaximumPixels = 536_000_000;

    /// <summary>Pixels that one image may have, 1 … 536,000,000; checked before memory is taken, of which a thread may need 15 bytes for
    /// each (see <see cref="ImageDecoder"/>). Default 200 million.</summary>
    public long MaximumPixels { get; init; } = 200_000_000;

    /// <summary>Whether JPEGs go through libturbojpeg where the machine has it. Default true; without it Skia decodes them to the same
    /// pixels, on x64 more slowly: it has no vector code for JPEG there.</summary>
    public bool UseTurboJpeg { get; init; } = true;

    /// <summary>Whether TIFF and TGA are read, by ImageSharp. Default true; false refuses them and leaves ImageSharp unused, for files from
    /// strangers or an application that does not want the package's code to run.</summary>
    public bool UseImageSharp { get; init; } = true;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(ImageDecoderOptions))
        .Check(MaximumPixels is >= 1 and <= LargestMaximumPixels, MaximumPixels, $"1 to {LargestMaximumPixels}")
        .ThrowIfAny();
}
