using MoCo.Imaging.Jpeg;
using MoCo.Imaging.Orientation;
using SkiaSharp;

namespace MoCo.Imaging.Formats;

/// <summary>Decodes JPEG, PNG, WebP, GIF, BMP and ICO by Skia's codecs, to PIL's pixels.</summary>
internal sealed unsafe class SkiaDecoder
{
    private readonly PixelLimit limit;

    internal SkiaDecoder(PixelLimit limit) => this.limit = limit;

    internal void Decode(ReadOnlySpan<byte> file, ImageFormat format, ImageBuffer into)
    {
        if (format == ImageFormat.Webp)
            WebpLength.Check(file);
        fixed (byte* bytes = file)
        {
            using SKData data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = Open(data, format);
            limit.Check(codec.Info.Width, codec.Info.Height);
            if (format == ImageFormat.Ico && (codec.Info.Width, codec.Info.Height) != IcoDirectory.LargestSize(file))
                throw new InvalidDataException("The ICO is damaged: its largest image has another size than its list says.");
            // Skia's numbers of the origin are EXIF's; it does not look into a PNG's eXIf chunk.
            int orientation = format == ImageFormat.Png ? PngOrientation.Read(file) : (int)codec.EncodedOrigin;
            Decode(codec, format, orientation, into);
        }
    }

    /// <summary>Decodes a JPEG whose segments have been read.</summary>
    internal void DecodeJpeg(ReadOnlySpan<byte> file, JpegSegments segments, ImageBuffer into)
    {
        fixed (byte* bytes = file)
        {
            using SKData data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = Open(data, ImageFormat.Jpeg);
            limit.Check(codec.Info.Width, codec.Info.Height, file.Length, segments.Scans);
            // Of a progressive JPEG that lacks scans Skia makes a coarser image and calls it a success.
            if (!segments.IsComplete)
                throw new InvalidDataException("The JPEG is truncated: it has no end.");
            Decode(codec, ImageFormat.Jpeg, segments.Orientation, into);
        }
    }

    private static SKCodec Open(SKData data, ImageFormat format) =>
        SKCodec.Create(data) ?? throw new InvalidDataException($"The {Name(format)} cannot be decoded: its header is damaged, cut off, or of a kind that is not supported.");

    private static void Decode(SKCodec codec, ImageFormat format, int orientation, ImageBuffer into)
    {
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        // Colors as they are in the file, alpha not multiplied in: no color space is named, so that Skia converts nothing.
        SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using PixelScratch scratch = new(info.BytesSize);
        SKCodecResult result;
        fixed (byte* memory = scratch.Pixels)
            result = codec.GetPixels(info, (nint)memory, info.RowBytes, SKCodecOptions.Default);
        if (result != SKCodecResult.Success)
            throw new InvalidDataException(Error(format, result));
        if (orientation == ExifOrientation.Upright)
        {
            into.Resize(width, height, 3);
            RgbaPixels.ToRgb(scratch.Pixels, into.Pixels);
            return;
        }

        RgbaPixels.ToRgb(scratch.Pixels, scratch.Pixels);
        Turn.Apply(scratch.Pixels, width, height, orientation, into);
    }

    private static string Error(ImageFormat format, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => $"The {Name(format)} is truncated: it lacks a part of its pixels.",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => $"The {Name(format)} is damaged.",
        _ => $"The {Name(format)} cannot be decoded ({result}).",
    };

    private static string Name(ImageFormat format) => format == ImageFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();
}
