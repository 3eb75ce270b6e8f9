using MoCo.Data;
using MoCo.Imaging;

namespace Quickstart;

/// <summary>Chooses the size of a view from the sizes of the pictures.</summary>
internal static class PictureSizes
{
    /// <summary>What large photographs are made to: as much as a small machine trains on in minutes.</summary>
    private const int Largest = 128;
    private const int Smallest = 16, Looked = 25;

    /// <summary>The median shorter side of some pictures spread over the source, in steps of 16, within 16 and 128.</summary>
    /// <exception cref="UsageException">None of the pictures can be read.</exception>
    public static int ViewSize(IImageSource pictures)
    {
        var buffer = new ImageBuffer();
        List<int> sides = [];
        string reason = "";
        int looked = Math.Min(Looked, pictures.Count);
        for (int i = 0; i < looked; i++)
        {
            int index = (int)((long)i * pictures.Count / looked);
            try
            {
                pictures.Read(index, buffer);
                sides.Add(Math.Min(buffer.Width, buffer.Height));
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reason = $"{pictures.Locate(index)}: {fault.Message}";
            }
        }
        if (sides.Count == 0) throw new UsageException($"None of {looked} pictures looked at can be read. {reason}");
        sides.Sort();
        return Math.Clamp(sides[sides.Count / 2] / 16 * 16, Smallest, Largest);
    }
}
