using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Shared;

/// <summary>Images for the tests of steps.</summary>
internal static class Images
{
    /// <summary>Noise over a slope, so that both edges and flat parts are there.</summary>
    internal static ImageBuffer Noise(int width, int height, int channels, int seed = 1)
    {
        var image = new ImageBuffer();
        image.Resize(width, height, channels);
        var random = new SampleRandom(seed, 0, 0, 0);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)((random.NextInt32(256) + (i * 255 / image.Pixels.Length)) / 2);
        return image;
    }

    internal static ImageBuffer Of(int width, int height, int channels, params byte[] pixels)
    {
        var image = new ImageBuffer();
        image.Resize(width, height, channels);
        pixels.CopyTo(image.Pixels);
        return image;
    }

    internal static ImageBuffer Copy(ImageBuffer image)
    {
        var copy = new ImageBuffer();
        copy.CopyFrom(image);
        return copy;
    }
}
