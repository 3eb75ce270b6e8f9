using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MoCo.Data;

/// <summary>Decodes what ImageSharp reads: JPEG, PNG, WebP, BMP, TIFF, the first frame of a GIF, and more.</summary>
/// <remarks>Alpha is dropped, not composed over a background. Sixteen bits are scaled to eight.</remarks>
public sealed class ImageSharpDecoder : IImageDecoder
{
    // One frame; the metadata, because the orientation is in it.
    private static readonly DecoderOptions FirstFrame = new() { MaxFrames = 1 };

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
            using var image = Image.Load<Rgb24>(FirstFrame, file);
            limit.Check(image.Width, image.Height);
            image.Mutate(picture => picture.AutoOrient());
            into.Resize(image.Width, image.Height, 3);
            image.CopyPixelDataTo(into.Pixels);
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

    private void CheckLimits(ReadOnlySpan<byte> file)
    {
        var size = Image.Identify(FirstFrame, file);
        if (!JpegSegments.AreIn(file))
        {
            limit.Check(size.Width, size.Height);
            PngChunks.CheckComplete(file);
            return;
        }

        var segments = JpegSegments.Read(file);
        limit.Check(size.Width, size.Height, file.Length, segments.Scans);
        if (!segments.IsComplete)
            throw new InvalidDataException("The JPEG is truncated: it has no end.");
    }
}
