using System.IO.Compression;
using System.Text.Json;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

/// <summary>Images from PIL and torchvision (make_geometry.py) and how far ours are from them.</summary>
internal static class GeometryFixture
{
    internal static JsonElement Read(string name) => Fixture.Read("geometry", name);

    internal static ImageBuffer Image(JsonElement element)
    {
        ImageBuffer image = new();
        image.Resize(
            element.GetProperty("width").GetInt32(), element.GetProperty("height").GetInt32(), element.GetProperty("channels").GetInt32());
        using ZLibStream compressed = new(new MemoryStream(element.GetProperty("zlib").GetBytesFromBase64()), CompressionMode.Decompress);
        compressed.ReadExactly(image.Pixels);
        return image;
    }

    internal static int[] Integers(JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetInt32())];

    /// <summary>Asserts that two images have the same shape and levels within the given mean and maximum of each other.</summary>
    internal static void Near(ImageBuffer expected, ImageBuffer actual, double mean, int maximum, string what)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        (long sum, int worst) = (0L, 0);
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            int off = Math.Abs(expected.Pixels[i] - actual.Pixels[i]);
            (sum, worst) = (sum + off, Math.Max(worst, off));
        }
        double average = sum / (double)expected.Pixels.Length;
        Assert.True(
            average <= mean && worst <= maximum,
            $"{what}: off by {average:F3} on average and {worst} at most, allowed {mean} and {maximum}.");
    }
}
