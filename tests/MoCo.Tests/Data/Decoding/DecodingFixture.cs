using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Data.Decoding;

/// <summary>The small pictures of every format, and what PIL makes of them.</summary>
internal static class DecodingFixture
{
    /// <summary>Both decoders where the machine has both.</summary>
    public static IEnumerable<IImageDecoder> Decoders =>
        ImageDecoder.HasTurboJpeg ? [ImageDecoder.Default, new ImageSharpDecoder()] : [new ImageSharpDecoder()];

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Fixture.Path("decoding")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public static byte[] Read(string name) => File.ReadAllBytes(Fixture.Path("decoding", name));

    /// <summary>Reads a portable pixmap: "P6\n45 37\n255\n", then the pixels.</summary>
    public static ImageBuffer Expected(string name)
    {
        var file = File.ReadAllBytes(Fixture.Path("decoding", "expected", $"{name}.ppm"));
        var lines = Encoding.ASCII.GetString(file, 0, Math.Min(file.Length, 32)).Split('\n');
        Assert.Equal(("P6", "255"), (lines[0], lines[2]));
        var size = lines[1].Split(' ').Select(int.Parse).ToArray();
        var picture = new ImageBuffer();
        picture.Resize(size[0], size[1], 3);
        file.AsSpan(lines[0].Length + lines[1].Length + lines[2].Length + 3).CopyTo(picture.Pixels);
        return picture;
    }

    public static ImageBuffer Decode(IImageDecoder decoder, ReadOnlySpan<byte> file)
    {
        var picture = new ImageBuffer();
        decoder.Decode(file, picture);
        return picture;
    }

    public static void Near(ImageBuffer expected, ImageBuffer actual, int tolerance, string what)
    {
        Assert.True((expected.Width, expected.Height, expected.Channels) == (actual.Width, actual.Height, actual.Channels), $"{what}: {actual.Width}×{actual.Height}×{actual.Channels}, expected {expected.Width}×{expected.Height}×{expected.Channels}");
        var worst = 0;
        for (var i = 0; i < expected.Pixels.Length; i++)
            worst = Math.Max(worst, Math.Abs(expected.Pixels[i] - actual.Pixels[i]));
        Assert.True(worst <= tolerance, $"{what}: off by {worst} levels, allowed {tolerance}");
    }
}
