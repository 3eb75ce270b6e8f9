using MoCo.Imaging.Jpeg;
using MoCo.Imaging.Orientation;
using SkiaSharp;

namespace MoCo.Imaging.Formats;

/// <summary>Decodes JPEG, PNG, WebP, GIF, BMP and ICO by Skia's codecs, to PIL's pixels.</summary>
internal sealed unsafe class SkiaDecoder(PixelLimit limit)
{
    /// <param name="file">The file.</param>
    /// <param name="format">What it is.</param>
    /// <param name="into">Receives the upright image.</param>
    /// <param name="jpeg">The segments of a JPEG.</param>
    internal void Decode(ReadOnlySpan<byte> file, ImageFormat format, ImageBuffer into, JpegSegments? jpeg = null)
    {
        if (format == ImageFormat.Png)
        {
            DecodePng(file, into);
            return;
        }
        if (format == ImageFormat.Ico)
        {
            DecodeIco(file, into);
            return;
        }
        if (format == ImageFormat.Webp) CheckWebp(file);
        Decode(file, format, jpeg?.Orientation, into, jpeg);
    }

    private void DecodePng(ReadOnlySpan<byte> file, ImageBuffer into, IcoEntry? icon = null)
    {
        using PixelScratch chunks = new(file.Length);
        int length = PngChunks.CopyPixels(file, chunks.Pixels, out int orientation);
        Decode(chunks.Pixels[..length], ImageFormat.Png, icon is null ? orientation : ExifOrientation.Upright, into, icon: icon);
    }

    private void DecodeIco(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        // Skia would open all images of the list.
        IcoEntry largest = IcoEntry.Largest(file);
        ReadOnlySpan<byte> image = file.Slice(largest.Place, largest.Length);
        if (ImageSignature.Of(image) == ImageFormat.Png)
        {
            DecodePng(image, into, largest);
            return;
        }
        using PixelScratch alone = new(largest.AloneBytes);
        largest.CopyAlone(image, alone.Pixels);
        Decode(alone.Pixels, ImageFormat.Ico, ExifOrientation.Upright, into, icon: largest);
    }

    /// <summary>Refuses a WebP that is shorter than it says: cut off behind its pixels it would lose its orientation without a
    /// word.</summary>
    private static void CheckWebp(ReadOnlySpan<byte> file)
    {
        const int nameAndLength = 8;
        long length = nameAndLength + (long)BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (length > file.Length) throw new InvalidDataException($"The WebP is truncated: it has {file.Length} bytes and says {length}.");
    }

    private void Decode(
        ReadOnlySpan<byte> file, ImageFormat format, int? orientation, ImageBuffer into, JpegSegments? jpeg = null, IcoEntry? icon = null)
    {
        fixed (byte* bytes = file)
        {
            using SKData data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException(
                $"The {Name(format)} cannot be decoded: its header is damaged, cut off, or of a kind that is not supported.");
            (int width, int height) = (codec.Info.Width, codec.Info.Height);
            if (jpeg is { } segments) limit.Check(width, height, segments.Length, segments.Scans);
            else limit.Check(width, height);
            // Of a progressive JPEG that lacks scans Skia makes a coarser image and calls it a success.
            if (jpeg is { IsComplete: false }) throw new InvalidDataException("The JPEG is truncated: it has no end.");
            if (icon is { } listed && (width, height) != (listed.Width, listed.Height))
                throw new InvalidDataException("The ICO is damaged: its largest image has another size than its list says.");
            Decode(codec, format, orientation ?? (int)codec.EncodedOrigin, into); // whose numbers are EXIF's
        }
    }

    private static void Decode(SKCodec codec, ImageFormat format, int orientation, ImageBuffer into)
    {
        ReducedSize size = new(codec.Info.Width, codec.Info.Height, codec.Info.Width, codec.Info.Height, orientation);
        if (format == ImageFormat.Jpeg && ReducedSize.For(size.Width, size.Height, orientation, into) is var smaller && smaller != size)
        {
            SKSizeI nearest = codec.GetScaledDimensions(
                (float)Math.Max(smaller.Width, smaller.Height) / Math.Max(size.Width, size.Height));
            size = smaller with { Width = nearest.Width, Height = nearest.Height };
        }
        (int width, int height) = (size.Width, size.Height);
        // Colors as they are in the file, alpha not multiplied in: no color space is named, so that Skia converts nothing.
        SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (orientation == ExifOrientation.Upright)
        {
            // Where the image shall lie: a second place for it would take four bytes more for each pixel.
            Span<byte> pixels = into.Reserve(info.BytesSize);
            GetPixels(codec, format, info, pixels);
            into.Resize(width, height, 3);
            RgbaPixels.ToRgb(pixels, pixels);
            size.Note(into);
            return;
        }
        using PixelScratch scratch = new(info.BytesSize);
        GetPixels(codec, format, info, scratch.Pixels);
        RgbaPixels.ToRgb(scratch.Pixels, scratch.Pixels);
        Turn.Apply(scratch.Pixels, width, height, orientation, into);
        size.Note(into);
    }

    private static void GetPixels(SKCodec codec, ImageFormat format, SKImageInfo info, Span<byte> into)
    {
        SKCodecResult result;
        fixed (byte* memory = into)
            result = codec.GetPixels(info, (nint)memory, info.RowBytes, SKCodecOptions.Default);
        if (result != SKCodecResult.Success) throw new InvalidDataException(Error(format, result));
    }

    private static string Error(ImageFormat format, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => $"The {Name(format)} is truncated: it lacks a part of its pixels.",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => $"The {Name(format)} is damaged.",
        _ => $"The {Name(format)} cannot be decoded ({result}).",
    };

    private static string Name(ImageFormat format) => format == ImageFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();
}
