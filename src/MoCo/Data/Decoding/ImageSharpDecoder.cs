using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MoCo.Data;

/// <summary>Decodes what ImageSharp reads: JPEG, PNG, WebP, BMP, TIFF, the first frame of a GIF, and more.</summary>
/// <remarks>Alpha is dropped, not composed over a background. Sixteen bits are scaled to eight. The pixels equal PIL's within two
/// levels, but for JPEGs with subsampled chroma (4:2:0, 4:2:2): ImageSharp repeats chroma where libjpeg and so PIL and
/// libturbojpeg interpolate, which differs by up to some fifty levels at hard edges between colours and little elsewhere.</remarks>
public sealed class ImageSharpDecoder : IImageDecoder
{
    private readonly PixelLimit limit;

    /// <summary>Makes a decoder.</summary>
    /// <param name="maximumPixels">Pixels that one picture may have, 1 … <see cref="ImageDecoder.LargestMaximumPixels"/>; checked
    /// before memory is taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit out of range.</exception>
    public ImageSharpDecoder(long maximumPixels = ImageDecoder.DefaultMaximumPixels) => limit = PixelLimit.Create(maximumPixels);

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (file.IsEmpty)
            throw new InvalidDataException("The file is empty.");
        try
        {
            CheckLimits(file);
            using var image = Image.Load<Rgb24>(file);
            limit.Check(image.Width, image.Height);
            if (TiffDirectory.IsIn(file))
            {
                // AutoOrient looks at the picture's metadata; a TIFF's orientation is in its page's.
                CopyTurned(image, ExifOrientation.Read(file), into);
                return;
            }

            image.Mutate(picture => picture.AutoOrient());
            Copy(image, into);
        }
        catch (UnknownImageFormatException)
        {
            throw new InvalidDataException("The file is no picture of a known format.");
        }
        catch (Exception cause) when (cause is not (InvalidDataException or OutOfMemoryException))
        {
            // A damaged file can trip a decoder in any way; to the caller all of them mean the same.
            throw new InvalidDataException($"The picture cannot be decoded: {cause.Message}", cause);
        }
    }

    private static void Copy(Image<Rgb24> image, ImageBuffer into)
    {
        into.Resize(image.Width, image.Height, 3);
        image.CopyPixelDataTo(into.Pixels);
    }

    private static void CopyTurned(Image<Rgb24> image, int orientation, ImageBuffer into)
    {
        if (orientation == ExifOrientation.Upright)
        {
            Copy(image, into);
            return;
        }

        var asInFile = new ImageBuffer();
        Copy(image, asInFile);
        Turn.Apply(asInFile.Pixels, asInFile.Width, asInFile.Height, orientation, into);
    }

    private void CheckLimits(ReadOnlySpan<byte> file)
    {
        IImageInfo size = Identify(file) ?? throw new InvalidDataException("The file is no picture of a known format.");
        if (!JpegSegments.AreIn(file))
        {
            limit.Check(size.Width, size.Height);
            CheckComplete(file);
            return;
        }

        var segments = JpegSegments.Read(file);
        limit.Check(size.Width, size.Height, file.Length, segments.Scans);
        if (!segments.IsComplete)
            throw new InvalidDataException("The JPEG is truncated: it has no end.");
    }

    private static unsafe IImageInfo? Identify(ReadOnlySpan<byte> file)
    {
        fixed (byte* start = file)
        {
            using var stream = new UnmanagedMemoryStream(start, file.Length);
            return Image.Identify(stream);
        }
    }

    /// <summary>Refuses what ends early: ImageSharp fills up the rest of some formats without a word, where PIL refuses them.</summary>
    private static void CheckComplete(ReadOnlySpan<byte> file)
    {
        if (PngChunks.AreIn(file))
            PngChunks.CheckComplete(file);
        else if (WebpChunks.AreIn(file))
            WebpChunks.CheckComplete(file);
        else if (GifBlocks.AreIn(file))
            GifBlocks.CheckComplete(file);
        else if (TiffDirectory.IsIn(file))
            TiffPage.CheckComplete(file);
        else if (BitmapRows.AreIn(file))
            BitmapRows.CheckComplete(file);
    }
}
