namespace SixLabors.ImageSharp.Codecs;

/// <summary>From files to pixels and back; a file's content decides its format.</summary>
internal static unsafe class Codec
{
    private const int DefaultQuality = 75;

    internal static PictureFormat? Detect(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => PictureFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PictureFormat.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => PictureFormat.Webp,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => PictureFormat.Gif,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => PictureFormat.Tiff,
        [(byte)'B', (byte)'M', ..] => PictureFormat.Bitmap,
        [(byte)'P', (byte)'5' or (byte)'6', (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'#', ..] => PictureFormat.Pixmap,
        _ => null,
    };

    internal static Size Size(ReadOnlySpan<byte> file)
    {
        var format = Require(file);
        if (format == PictureFormat.Bitmap) return BitmapFile.Parse(file).Size;
        if (format == PictureFormat.Pixmap) return PixmapFile.Parse(file).Size;
        int width, height;
        fixed (byte* data = file)
            Check(Shim.moco_image_size((int)format, data, file.Length, &width, &height), format);
        if ((long)width * height * 3 > Array.MaxLength)
            throw new InvalidImageContentException($"The {format} picture of {width}×{height} pixels is too large.");
        return new Size(width, height);
    }

    internal static void Decode(ReadOnlySpan<byte> file, Size size, Span<byte> rgb)
    {
        if (rgb.Length != size.Width * size.Height * 3) throw new ArgumentException("The memory has another size than the picture.", nameof(rgb));
        var format = Require(file);
        if (format == PictureFormat.Bitmap)
        {
            BitmapFile.Parse(file).Decode(file, rgb);
            return;
        }

        if (format == PictureFormat.Pixmap)
        {
            PixmapFile.Parse(file).Decode(file, rgb);
            return;
        }

        fixed (byte* data = file)
        fixed (byte* pixels = rgb)
            Check(Shim.moco_image_decode((int)format, data, file.Length, size.Width, size.Height, pixels), format);
    }

    internal static byte[] EncodePng(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte* data;
        long length;
        fixed (byte* rgb = image.Rgb)
            return Take(Shim.moco_image_encode_png(rgb, image.Width, image.Height, &data, &length), data, length);
    }

    internal static byte[] EncodeJpeg(Image image, int? quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte* data;
        long length;
        fixed (byte* rgb = image.Rgb)
            return Take(Shim.moco_image_encode_jpeg(rgb, image.Width, image.Height, quality ?? DefaultQuality, &data, &length), data, length);
    }

    private static PictureFormat Require(ReadOnlySpan<byte> file) =>
        Detect(file) ?? throw new UnknownImageFormatException("Image cannot be loaded. It is none of JPEG, PNG, WebP, GIF, TIFF, BMP and binary PGM and PPM.");

    private static void Check(int status, PictureFormat format)
    {
        if (status != 0) throw new InvalidImageContentException($"{format}: {Shim.LastError()}");
    }

    private static byte[] Take(int status, byte* data, long length)
    {
        if (status != 0) throw new ImageFormatException(Shim.LastError());
        try
        {
            return new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        }
        finally
        {
            Shim.moco_image_free(data);
        }
    }
}
