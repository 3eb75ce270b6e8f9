namespace MoCo.Reporting;

/// <summary>The small pictures of a page, and how many bytes of it they may still take.</summary>
internal sealed class Thumbnails
{
    // A 64×64 picture of three bytes a pixel has 12 KiB before it is compressed.
    private const int LargestPicture = 16 << 10, LargestInAll = 3 << 20;

    private int left = LargestInAll;

    /// <summary>Whether the picture has a thumbnail and there is room for it.</summary>
    public bool Take(ReportPicture picture)
    {
        int size = Size(picture);
        if (size == 0 || size > left) return false;
        left -= size;
        return true;
    }

    /// <summary>Which of the pictures are shown: all, or every second, third … so that there is room.</summary>
    public bool[] Evenly(IReadOnlyList<ReportPicture> pictures)
    {
        long wanted = pictures.Sum(picture => (long)Size(picture));
        int distance = left == 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, Math.Max(1, (wanted + left - 1) / left));
        return [.. pictures.Select((picture, i) => i % distance == 0 && Take(picture))];
    }

    /// <summary>The picture as a data address.</summary>
    public static string Address(ReportPicture picture)
        => $"data:{PictureType.Of(picture.Thumbnail.Span, $"the thumbnail of '{picture.Name}'")};base64,{Convert.ToBase64String(picture.Thumbnail.Span)}";

    // In base64, which is what the page pays.
    private static int Size(ReportPicture picture)
    {
        int bytes = picture.Thumbnail.Length;
        if (bytes > LargestPicture)
            throw new ArgumentException($"The thumbnail of '{picture.Name}' has {bytes} bytes; expected at most {LargestPicture}. Make it 64 pixels wide or high at most.");
        return (bytes + 2) / 3 * 4;
    }
}
