using MoCo.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Search;

/// <summary>Small JPEGs of pictures, upright as the encoder saw them. Each is made once, however often it is shown.</summary>
internal sealed class Thumbnails
{
    private const int LongerSide = 320, Quality = 80;

    private readonly Dictionary<string, byte[]?> made = new(StringComparer.Ordinal);
    private readonly ImageBuffer buffer = new();

    /// <summary>A JPEG; null where the picture can't be read any more.</summary>
    public byte[]? Make(string path)
    {
        if (made.TryGetValue(path, out byte[]? known)) return known;
        return made[path] = Draw(path);
    }

    private byte[]? Draw(string path)
    {
        try
        {
            ImageDecoder.Default.Decode(File.ReadAllBytes(path), buffer);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(buffer.Pixels, buffer.Width, buffer.Height);
        double scale = Math.Min(1, (double)LongerSide / Math.Max(image.Width, image.Height));
        image.Mutate(context => context.Resize(Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale))));
        using var stream = new MemoryStream();
        image.SaveAsJpeg(stream, new JpegEncoder { Quality = Quality });
        return stream.ToArray();
    }
}
