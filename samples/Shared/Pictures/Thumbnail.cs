using MoCo.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Samples.Images;

/// <summary>Makes small JPEGs for pages.</summary>
internal static class Thumbnail
{
    private const int Quality = 80;

    /// <summary>A JPEG of an image, upright as the encoder saw it.</summary>
    /// <param name="image">H×W×C, 1 or 3 channels.</param>
    /// <param name="longerSide">Pixels of the longer side at most.</param>
    public static byte[] Jpeg(ImageBuffer image, int longerSide)
    {
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(image.Channels == 3 ? image.Pixels : Grey(image.Pixels), image.Width, image.Height);
        double scale = Math.Min(1, (double)longerSide / Math.Max(image.Width, image.Height));
        if (scale < 1) image.Mutate(context => context.Resize(Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale))));
        using var stream = new MemoryStream();
        image.SaveAsJpeg(stream, new JpegEncoder { Quality = Quality });
        return stream.ToArray();
    }

    private static byte[] Grey(ReadOnlySpan<byte> pixels)
    {
        var color = new byte[3 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++) color.AsSpan(3 * i, 3).Fill(pixels[i]);
        return color;
    }
}
