using System.Buffers.Binary;
using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Data.Decoding;

/// <summary>The small pictures of every format, and what PIL makes of them.</summary>
internal static class DecodingFixture
{
    private const double MeanOfSubsampled = 4;
    private const double LumaOfSubsampled = 3;

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

    /// <summary>Whether a JPEG has fewer values of chroma than of luma.</summary>
    public static bool IsSubsampled(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(new byte[] { 0xFF, 0xD8 }))
            return false;
        for (var rest = file[2..]; ; rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))..])
        {
            // Baseline or progressive frame: length, depth, height, width, then the channels: number, factors, table.
            if (rest[1] is 0xC0 or 0xC2)
                return rest[9] == 3 && rest[11] != 0x11;
        }
    }

    /// <summary>What PIL makes of a file is within two levels; ImageSharp's chroma of a subsampled JPEG is near it on the whole.</summary>
    public static void NearExpected(IImageDecoder decoder, string name, ImageBuffer actual)
    {
        var (expected, what) = (Expected(name), $"{name} by {decoder.GetType().Name}");
        if (decoder is not ImageSharpDecoder || !IsSubsampled(Read(name)))
        {
            Near(expected, actual, 2, what);
            return;
        }

        Near(expected, actual, byte.MaxValue, what);
        double sum = 0, worstLuma = 0;
        for (var i = 0; i < expected.Pixels.Length; i += 3)
        {
            sum += Distance(expected.Pixels[i], actual.Pixels[i]) + Distance(expected.Pixels[i + 1], actual.Pixels[i + 1]) + Distance(expected.Pixels[i + 2], actual.Pixels[i + 2]);
            worstLuma = Math.Max(worstLuma, Math.Abs(Luma(expected.Pixels[i..]) - Luma(actual.Pixels[i..])));
        }

        var mean = sum / expected.Pixels.Length;
        Assert.True(mean <= MeanOfSubsampled, $"{what}: off by {mean:F2} levels on average, allowed {MeanOfSubsampled}");
        Assert.True(worstLuma <= LumaOfSubsampled, $"{what}: luma off by {worstLuma:F2} levels, allowed {LumaOfSubsampled}");
    }

    public static void Near(ImageBuffer expected, ImageBuffer actual, int tolerance, string what)
    {
        Assert.True((expected.Width, expected.Height, expected.Channels) == (actual.Width, actual.Height, actual.Channels), $"{what}: {actual.Width}×{actual.Height}×{actual.Channels}, expected {expected.Width}×{expected.Height}×{expected.Channels}");
        var worst = 0;
        for (var i = 0; i < expected.Pixels.Length; i++)
            worst = Math.Max(worst, Distance(expected.Pixels[i], actual.Pixels[i]));
        Assert.True(worst <= tolerance, $"{what}: off by {worst} levels, allowed {tolerance}");
    }

    private static int Distance(byte a, byte b) => Math.Abs(a - b);

    private static double Luma(ReadOnlySpan<byte> pixel) => (0.299 * pixel[0]) + (0.587 * pixel[1]) + (0.114 * pixel[2]);
}
