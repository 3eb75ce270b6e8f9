using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Samples;

/// <summary>Makes small JPEGs for pages.</summary>
internal static class Thumbnail
{
    private const int Quality = 80;

    /// <summary>A JPEG of an image, upright as the encoder saw it; null where it can't be read.</summary>
    /// <param name="read">Reads the image, 1 or 3 channels.</param>
    public static byte[]? Jpeg(Action<ImageBuffer> read, int longerSide)
    {
        ImageBuffer buffer = new();
        try
        {
            read(buffer);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
        using Image image = buffer.Channels == 3
            ? Image.LoadPixelData<Rgb24>(buffer.Pixels, buffer.Width, buffer.Height)
            : Image.LoadPixelData<L8>(buffer.Pixels, buffer.Width, buffer.Height);
        double scale = (double)longerSide / Math.Max(image.Width, image.Height);
        if (scale < 1)
            image.Mutate(context => context.Resize(Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale))));
        using MemoryStream stream = new();
        image.SaveAsJpeg(stream, new JpegEncoder { Quality = Quality });
        return stream.ToArray();
    }
}
