namespace MoCo.Reporting;

/// <summary>The small images of a page, and how many bytes of it they may still take.</summary>
internal sealed class Thumbnails
{
    // A 64×64 image of three bytes a pixel has 12 KiB before it is compressed.
    private const int LargestImage = 16 << 10, LargestInAll = 3 << 20;

    private int left = LargestInAll;

    /// <summary>Whether the image has a thumbnail and there is room for it.</summary>
    public bool Take(ReportImage image)
    {
        int size = Size(image);
        if (size == 0 || size > left) return false;
        left -= size;
        return true;
    }

    /// <summary>Which of the images are shown: all, or every second, third … so that there is room.</summary>
    public bool[] Evenly(IReadOnlyList<ReportImage> images)
    {
        long wanted = images.Sum(image => (long)Size(image));
        int distance = left == 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, Math.Max(1, (wanted + left - 1) / left));
        return [.. images.Select((image, i) => i % distance == 0 && Take(image))];
    }

    /// <summary>The image as a data address.</summary>
    public static string Address(ReportImage image)
        => $"data:{ImageType.Of(image.Thumbnail.Span, $"the thumbnail of '{image.Name}'")};base64,{Convert.ToBase64String(image.Thumbnail.Span)}";

    // In base64, which is what the page pays.
    private static int Size(ReportImage image)
    {
        int bytes = image.Thumbnail.Length;
        if (bytes > LargestImage)
            throw new ArgumentException($"The thumbnail of '{image.Name}' has {bytes} bytes; expected at most {LargestImage}. Make it 64 pixels wide or high at most.");
        return (bytes + 2) / 3 * 4;
    }
}
