using MoCo.Data;
using MoCo.Imaging;

namespace Quickstart;

/// <summary>Chooses the size of a view from the sizes of the images.</summary>
internal static class ImageSizes
{
    /// <summary>What large photographs are made to: as much as a small machine trains on in minutes.</summary>
    private const int Largest = 128;
    private const int Smallest = 16, Looked = 25;

    /// <summary>The median shorter side of some images spread over the source, in steps of 16, within 16 and 128.</summary>
    /// <exception cref="UsageException">None of the images can be read.</exception>
    public static int ViewSize(IImageSource images)
    {
        var buffer = new ImageBuffer();
        List<int> sides = [];
        string reason = "";
        int looked = Math.Min(Looked, images.Count);
        for (int i = 0; i < looked; i++)
        {
            int index = (int)((long)i * images.Count / looked);
            try
            {
                images.Read(index, buffer);
                sides.Add(Math.Min(buffer.Width, buffer.Height));
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reason = $"{images.Locate(index)}: {error.Message}";
            }
        }
        if (sides.Count == 0) throw new UsageException($"None of {looked} images looked at can be read. {reason}");
        sides.Sort();
        return Math.Clamp(sides[sides.Count / 2] / 16 * 16, Smallest, Largest);
    }
}
