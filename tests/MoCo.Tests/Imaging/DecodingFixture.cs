using System.Text;
using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>The small images of every format, and what PIL makes of them.</summary>
internal static class DecodingFixture
{
    /// <summary>16-bit TIFFs and those with a palette are scaled in float by ImageSharp; PIL cuts 5-6-5 bits off where Skia
    /// rounds.</summary>
    private static readonly string[] OffByOne = ["tiff-p.tiff", "tiff-rgb-16.tiff", "tiff-rgb-16-big-endian.tiff", "bmp-565.bmp"];

    /// <summary>With libturbojpeg where the machine has it, and without.</summary>
    public static IReadOnlyList<ImageDecoder> Decoders { get; } = DecodersOf(ImageDecoder.UsualMaximumPixels);

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Fixture.Path("decoding")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public static IReadOnlyList<ImageDecoder> DecodersOf(long maximumPixels)
    {
        ImageDecoder skia = ImageDecoder.Create(maximumPixels: maximumPixels, useTurboJpeg: false);
        return ImageDecoder.HasTurboJpeg ? [ImageDecoder.Create(maximumPixels: maximumPixels), skia] : [skia];
    }

    public static byte[] Read(string name) => File.ReadAllBytes(Fixture.Path("decoding", name));

    /// <summary>What PIL makes of an image.</summary>
    public static ImageBuffer Expected(string name) => Pixmap(Fixture.Path("decoding", "expected", $"{name}.ppm"));

    /// <summary>Reads a portable pixmap: "P6\n45 37\n255\n", then the pixels.</summary>
    public static ImageBuffer Pixmap(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string[] lines = Encoding.ASCII.GetString(file, 0, Math.Min(file.Length, 32)).Split('\n');
        Assert.Equal(("P6", "255"), (lines[0], lines[2]));
        int[] size = lines[1].Split(' ').Select(int.Parse).ToArray();
        ImageBuffer image = new();
        image.Resize(size[0], size[1], 3);
        file.AsSpan(lines[0].Length + lines[1].Length + lines[2].Length + 3).CopyTo(image.Pixels);
        return image;
    }

    public static ImageBuffer Decode(ImageDecoder decoder, ReadOnlySpan<byte> file)
    {
        ImageBuffer image = new();
        decoder.Decode(file, image);
        return image;
    }

    /// <summary>The error with which a file is refused.</summary>
    public static string Refusal(ImageDecoder decoder, byte[] file) =>
        Assert.Throws<InvalidDataException>(() => Decode(decoder, file)).Message;

    /// <summary>The pixels are PIL's, but for the formats that the documentation names.</summary>
    public static void EqualsExpected(string name, ImageBuffer actual)
        => Near(Expected(name), actual, OffByOne.Contains(name) ? 1 : 0, name);

    public static void Near(ImageBuffer expected, ImageBuffer actual, int tolerance, string what)
    {
        Assert.True(
            (expected.Width, expected.Height, expected.Channels) == (actual.Width, actual.Height, actual.Channels),
            $"{what}: {actual.Width}×{actual.Height}×{actual.Channels}, expected {expected.Width}×{expected.Height}×{expected.Channels}");
        int worst = 0;
        for (int i = 0; i < expected.Pixels.Length; i++) worst = Math.Max(worst, Math.Abs(expected.Pixels[i] - actual.Pixels[i]));
        Assert.True(worst <= tolerance, $"{what}: off by {worst} levels, allowed {tolerance}");
    }

    public static double[] Means(ImageBuffer image)
    {
        double[] sums = new double[3];
        for (int i = 0; i < image.Pixels.Length; i++) sums[i % 3] += image.Pixels[i];
        return [.. sums.Select(sum => sum / (image.Width * image.Height))];
    }
}
