using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Shared;

/// <summary>Images for the tests of steps.</summary>
internal static class Images
{
    /// <summary>Noise over a slope, so that both edges and flat parts are there.</summary>
    internal static ImageBuffer Noise(int width, int height, int channels, int seed = 1)
    {
        ImageBuffer image = new();
        image.Resize(width, height, channels);
        SampleRandom random = new(seed, 0, 0, 0);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)((random.NextInt32(256) + (i * 255 / image.Pixels.Length)) / 2);
        return image;
    }

    internal static ImageBuffer Of(int width, int height, int channels, params byte[] pixels)
    {
        ImageBuffer image = new();
        image.Resize(width, height, channels);
        pixels.CopyTo(image.Pixels);
        return image;
    }

    internal static ImageBuffer Copy(ImageBuffer image)
    {
        ImageBuffer copy = new();
        copy.CopyFrom(image);
        return copy;
    }

    /// <summary>Applies a step by itself.</summary>
    internal static void Apply(AugmentationStep step, ImageBuffer image, ref SampleRandom random) =>
        step.Apply(image, new AugmentationScratch(), ref random);
}
