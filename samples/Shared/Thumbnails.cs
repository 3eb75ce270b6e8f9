using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Samples;

/// <summary>Makes small JPEGs for pages, one after the other, so that memory holds one whole image at a time.</summary>
internal sealed class Thumbnails(int longerSide)
{
    private const int Quality = 80;

    private readonly ImageBuffer whole = new(), reduced = new();

    /// <summary>A JPEG of an image, upright as the encoder saw it; null where it can't be read.</summary>
    /// <param name="read">Reads the image, 1 or 3 channels.</param>
    public byte[]? Jpeg(Action<ImageBuffer> read)
    {
        try
        {
            read(whole);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
        // Twice as large as it is to be at least, so that what follows still has pixels to weigh.
        ImageBuffer buffer = Reduce(whole, 2 * longerSide, reduced) ? reduced : whole;
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

    /// <summary>Makes an image smaller by a whole factor: each pixel is the mean of a square.</summary>
    /// <param name="longerSide">What its longer side shall not fall below.</param>
    /// <returns>Whether there was anything to do.</returns>
    public static bool Reduce(ImageBuffer image, int longerSide, ImageBuffer into)
    {
        int factor = Math.Min(Math.Max(image.Width, image.Height) / longerSide, Math.Min(image.Width, image.Height));
        if (factor < 2) return false;
        int channels = image.Channels, width = image.Width / factor;
        into.Resize(width, image.Height / factor, channels);
        int[] sums = new int[width * channels];
        for (int y = 0; y < into.Height; y++)
        {
            Array.Clear(sums);
            for (int line = y * factor; line < (y + 1) * factor; line++)
            {
                ReadOnlySpan<byte> row = image.Row(line);
                for (int x = 0, from = 0; x < width; x++)
                    for (int i = 0; i < factor; i++)
                        for (int channel = 0; channel < channels; channel++) sums[x * channels + channel] += row[from++];
            }
            Span<byte> means = into.Row(y);
            for (int i = 0; i < sums.Length; i++) means[i] = (byte)((sums[i] + factor * factor / 2) / (factor * factor));
        }
        return true;
    }
}
