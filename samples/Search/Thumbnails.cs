using MoCo.Imaging;
using MoCo.Reporting;
using Samples.Images;

namespace Search;

/// <summary>Small JPEGs of files. Each is made once, however often it is shown.</summary>
internal sealed class Thumbnails
{
    private const int LongerSide = 320;

    private readonly Dictionary<string, byte[]?> made = new(StringComparer.Ordinal);
    private readonly ImageBuffer buffer = new();

    /// <summary>A JPEG; null where the image can't be read any more.</summary>
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
            return Thumbnail.Jpeg(buffer, LongerSide);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
