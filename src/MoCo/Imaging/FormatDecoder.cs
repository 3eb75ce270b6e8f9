using MoCo.Imaging.Formats;
using MoCo.Imaging.Jpeg;

namespace MoCo.Imaging;

/// <summary>Looks what a file is and hands it to the decoder of that format.</summary>
internal sealed class FormatDecoder : IImageDecoder
{
    private readonly TurboJpegDecoder? turboJpeg;
    private readonly SkiaDecoder skia;
    private readonly ImageSharpDecoder? imageSharp;
    private readonly PixelLimit limit;

    internal FormatDecoder(ImageDecoderOptions options)
    {
        limit = new(options.MaximumPixels);
        skia = new(limit);
        turboJpeg = options.UseTurboJpeg && TurboJpegLibrary.Instance is { } library ? new(library, limit) : null;
        imageSharp = options.UseImageSharp ? new(limit) : null;
    }

    public void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (file.IsEmpty)
            throw new InvalidDataException("The file is empty.");
        switch (ImageSignature.Of(file))
        {
            case ImageFormat.Unknown:
                throw ImageSignature.NotAnImage(file);
            case ImageFormat.Jpeg:
                DecodeJpeg(file, into);
                break;
            case ImageFormat.Pnm:
                PnmDecoder.Decode(file, limit, into);
                break;
            case (ImageFormat.Tiff or ImageFormat.Tga) and var format:
                if (imageSharp is null)
                    throw new InvalidDataException($"{format.ToString().ToUpperInvariant()} files are not read: the decoder's options switch ImageSharp off.");
                imageSharp.Decode(file, format, into);
                break;
            case var format:
                skia.Decode(file, format, into);
                break;
        }
    }

    private void DecodeJpeg(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        JpegSegments segments = JpegSegments.Read(file);
        if (turboJpeg is null || !turboJpeg.TryDecode(file, segments, into))
            skia.DecodeJpeg(file, segments, into);
    }
}
