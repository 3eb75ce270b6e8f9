using MoCo.Imaging.Jpeg;

namespace MoCo.Imaging.Formats;

/// <summary>The decoder of image files: looks what a file is and hands it to the decoder of that format.</summary>
internal sealed class FormatDecoder : ImageDecoder
{
    private readonly TurboJpegDecoder? turboJpeg;
    private readonly SkiaDecoder skia;
    private readonly ImageSharpDecoder? imageSharp;
    private readonly PixelLimit limit;

    internal FormatDecoder(PixelLimit limit, bool useTurboJpeg, bool useImageSharp)
    {
        this.limit = limit;
        skia = new(limit);
        turboJpeg = useTurboJpeg && TurboJpegLibrary.Instance is { } library ? new(library, limit) : null;
        imageSharp = useImageSharp ? new(limit) : null;
    }

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
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
