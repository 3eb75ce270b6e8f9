using System.Collections.Concurrent;
using MoCo.Imaging.Orientation;

namespace MoCo.Imaging.Jpeg;

/// <summary>Decodes JPEGs by libturbojpeg.</summary>
/// <remarks>The pixels are PIL's: both leave libjpeg's accurate transform and smooth upsampling at their defaults.</remarks>
/// <param name="library">The machine's libturbojpeg.</param>
/// <param name="limit">What a file may ask for.</param>
internal sealed class TurboJpegDecoder(TurboJpegLibrary library, PixelLimit limit)
{
    private readonly ConcurrentBag<TurboJpegHandle> idle = [];

    /// <summary>Decodes a JPEG whose segments have been read; false where another decoder is to try: libturbojpeg does not take the header
    /// (4:1:0, damage), or does not convert inks (CMYK, YCCK) to colors.</summary>
    /// <exception cref="InvalidDataException">Damaged, truncated, larger than allowed, or of an unsupported kind.</exception>
    internal bool TryDecode(ReadOnlySpan<byte> file, JpegSegments segments, ImageBuffer into)
    {
        if (!idle.TryTake(out TurboJpegHandle? handle)) handle = new(library);
        try
        {
            // A decompressor keeps the tables of the file before, and gives them to a file that lacks its own.
            handle.Renew();
            return TryDecode(handle, file, segments, into);
        }
        finally
        {
            idle.Add(handle);
        }
    }

    private bool TryDecode(TurboJpegHandle handle, ReadOnlySpan<byte> file, JpegSegments segments, ImageBuffer into)
    {
        if (!handle.TryReadHeader(file, out int width, out int height, out int colorspace)
            || colorspace is TurboJpegLibrary.ColorspaceCmyk or TurboJpegLibrary.ColorspaceYcck)
            return false;
        limit.Check(width, height, segments.Length, segments.Scans);
        ReducedSize size = ReducedSize.For(width, height, segments.Orientation, into);
        (width, height) = (size.Width, size.Height);
        if (segments.Orientation == ExifOrientation.Upright)
        {
            into.Resize(width, height, 3);
            Decode(handle, file, into.Pixels, width, height, segments);
        }
        else
        {
            using PixelScratch scratch = new(width * height * 3);
            Decode(handle, file, scratch.Pixels, width, height, segments);
            Turn.Apply(scratch.Pixels, width, height, segments.Orientation, into);
        }
        size.Note(into);
        return true;
    }

    /// <summary>Decodes, and sorts warnings into those that cost no pixels, which PIL does not mention either, and damage.</summary>
    /// <remarks>The library tells the first warning only: damage after a harmless one shows in the missing end at least. After a warning it
    /// calls an error a warning, too, with the error's text.</remarks>
    private static void Decode(
        TurboJpegHandle handle, ReadOnlySpan<byte> file, Span<byte> pixels, int width, int height, JpegSegments segments)
    {
        TurboJpegResult result = handle.Decode(file, pixels, width, height);
        if (result == TurboJpegResult.Clean) return;
        string message = handle.Message();
        if (result == TurboJpegResult.Refused || !IsHarmless(message))
            throw new InvalidDataException($"The JPEG is damaged, or of a kind that is not supported: {message}.");
        if (!segments.IsComplete) throw new InvalidDataException($"The JPEG is truncated: it has no end ({message}).");
    }

    private static bool IsHarmless(string message) =>
        message.Contains("extraneous bytes", StringComparison.Ordinal)
        || message.Contains("JFIF revision", StringComparison.Ordinal)
        || message.Contains("Adobe color transform", StringComparison.Ordinal)
        || message.Contains("Invalid SOS parameters", StringComparison.Ordinal)
        || message.Contains("bad ICC marker", StringComparison.Ordinal);
}
