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
    internal void Decode(ReadOnlySpan<byte> file, ImageFormat format, ImageBuffer into, JpegSegments jpeg = default)
    {
        if (format == ImageFormat.Webp) ContainerChecks.CheckWebp(file);
        fixed (byte* bytes = file)
        {
            using SKData data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException(
                $"The {Name(format)} cannot be decoded: its header is damaged, cut off, or of a kind that is not supported.");
            (int width, int height) = (codec.Info.Width, codec.Info.Height);
            if (format == ImageFormat.Jpeg) limit.Check(width, height, file.Length, jpeg.Scans);
            else limit.Check(width, height);
            // Of a progressive JPEG that lacks scans Skia makes a coarser image and calls it a success.
            if (format == ImageFormat.Jpeg && !jpeg.IsComplete) throw new InvalidDataException("The JPEG is truncated: it has no end.");
            if (format == ImageFormat.Ico && (width, height) != ContainerChecks.LargestIcon(file))
                throw new InvalidDataException("The ICO is damaged: its largest image has another size than its list says.");
            int orientation = format switch
            {
                ImageFormat.Jpeg => jpeg.Orientation,
                ImageFormat.Png => ExifOrientation.ReadPng(file), // which Skia does not look for
                _ => (int)codec.EncodedOrigin, // whose numbers are EXIF's
            };
            Decode(codec, format, orientation, into);
        }
    }

    private static void Decode(SKCodec codec, ImageFormat format, int orientation, ImageBuffer into)
    {
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        // Colors as they are in the file, alpha not multiplied in: no color space is named, so that Skia converts nothing.
        SKImageInfo info = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using PixelScratch scratch = new(info.BytesSize);
        SKCodecResult result;
        fixed (byte* memory = scratch.Pixels)
            result = codec.GetPixels(info, (nint)memory, info.RowBytes, SKCodecOptions.Default);
        if (result != SKCodecResult.Success) throw new InvalidDataException(Error(format, result));
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
