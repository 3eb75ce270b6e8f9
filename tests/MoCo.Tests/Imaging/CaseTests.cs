using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

/// <summary>Small files of the kinds that users of other libraries reported, and the right answer.</summary>
public sealed class CaseTests
{
    private const string Page = "a web page (HTML or XML), perhaps a server's answer instead of the file",
        Pointer = "a Git-LFS pointer to a file that was not fetched ('git lfs pull' does)";

    public static TheoryData<string, string, string> NotImages => new()
    {
        { "<!DOCTYPE html><html>", "<!DOCTYPE html><html>", Page },
        { "\r\n  <html lang='en'>", @"\x0D\x0A  <html lang='en'>", Page },
        { "version https://git-lfs.github.com/spec/v1\n", "version https://git-lfs.", Pointer },
        { "<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg xmlns='http://www.w", "an SVG" },
        { "<?xml version='1.0'?><!-- drawn --><svg/>", "<?xml version='1.0'?><!-", "an SVG" },
        { "<?xml version='1.0'?><Error/>", "<?xml version='1.0'?><Er", Page },
        { "{\"error\": 404}", "{\"error\": 404}", "JSON text" },
        { "\0\0\0\u0018ftypheic\0\0\0\0", @"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a HEIC" },
        { "\0\0\0\u001Cftypavif\u00FF\u00D8", @"\x00\x00\x00\x1Cftypavif\xFF\xD8", "an AVIF" },
        { "\0\0\0\u0018ftypmp42", @"\x00\x00\x00\x18ftypmp42", "an MP4 or QuickTime film" },
        { "%PDF-1.7", "%PDF-1.7", "a PDF" },
        { "PK\u0003\u0004", @"PK\x03\x04", "a zip archive" },
        { "\0\u0005\u0016\u0007\0", @"\x00\x05\x16\x07\x00", "what macOS keeps beside a file (AppleDouble)" },
        { "\0\0\0", @"\x00\x00\x00", "a file of nothing but zeros" },
        { "\u0089PN", @"\x89PN", "PNG" },
        { "GIF", "GIF", "GIF" },
        { "\u00FF\u00D8", @"\xFF\xD8", "JPEG" },
        { "A letter.jpg", "A letter.jpg", "" },
    };

    [Theory]
    [MemberData(nameof(NotImages))]
    public void What_is_not_an_image_is_shown_by_its_first_bytes_and_named(string content, string shown, string kind)
    {
        const string Read = "; read are JPEG, PNG, WebP, GIF, BMP, ICO, TIFF, TGA, PBM, PGM and PPM.";
        string begins = $"it begins with '{shown}'";
        string expected = kind switch
        {
            "" => $"The file is not an image of a known format: {begins}{Read}",
            "JPEG" or "PNG" or "GIF" => $"The {kind} is damaged or truncated: {begins}.",
            _ => $"The file is no image but {kind}: {begins}{Read}",
        };
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            Assert.Equal(expected, DecodingFixture.Refusal(decoder, Encoding.Latin1.GetBytes(content)));
    }

    [Fact]
    public void A_JPEG_of_three_bytes_is_called_truncated()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Equal(
                "The JPEG is truncated or damaged: it ends before its pixels.", DecodingFixture.Refusal(decoder, [0xFF, 0xD8, 0xFF]));
        }
    }

    [Fact]
    public void What_follows_the_end_mark_of_a_JPEG_is_no_part_of_it()
    {
        byte[] film = [0, 0, 0, 24, .. "ftypmp42"u8, .. Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0xFF, 0xD9], 3000).SelectMany(part => part)];
        foreach (string name in new[] { "jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-orientation-6.jpg" })
        {
            byte[] file = DecodingFixture.Read(name);
            foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            {
                DecodingFixture.EqualsExpected(name, DecodingFixture.Decode(decoder, [.. file, .. film]));
                // The end mark of what follows is not that of an image cut off in its scans, nor its bytes the image's.
                DecodingFixture.Refusal(decoder, file[..^300]);
            }
        }
    }

    [Fact]
    public void A_PNG_whose_orientation_is_damaged_is_refused_and_one_whose_text_is_damaged_is_read()
    {
        byte[] turned = DecodingFixture.Read("png-orientation-6.png"), text = DecodingFixture.Read("png-text.png");
        turned[turned.AsSpan().IndexOf("eXIf"u8) + 8] ^= 1;
        text[text.AsSpan().IndexOf("tEXt"u8) + 8] ^= 1;
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Contains("the checksum of its EXIF data", DecodingFixture.Refusal(decoder, turned), StringComparison.Ordinal);
            DecodingFixture.EqualsExpected("png-text.png", DecodingFixture.Decode(decoder, text));
        }
    }

    [Fact]
    public void Sides_of_more_than_a_million_pixels_are_refused()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Equal(
                "The image is 1000001×1 pixels; at most 1000000 are allowed in a row or column.",
                DecodingFixture.Refusal(decoder, [.. "P4\n1000001 1\n"u8, .. new byte[125_001]]));
            Assert.Equal(
                "TGA files of more than 32767 rows or columns are not supported; this has 40000×1 pixels.",
                DecodingFixture.Refusal(decoder, [0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x9C, 1, 0, 8, 0, .. new byte[40_000]]));
        }
    }

    [Theory]
    [InlineData("three-bytes.jpg", @"The JPEG is damaged or truncated: it begins with '\xFF\xD8\x00'.")]
    [InlineData("web-page.jpg", $"The file is no image but {Page}: it begins with '<!DOCTYPE html><html><bo'; read are")]
    [InlineData("code-size-13.gif", "The GIF is damaged.")]
    [InlineData("float.tif", "TIFFs with signed or floating-point samples are not supported.")]
    public void It_is_refused_and_says_why(string name, string message)
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            Assert.Contains(message, DecodingFixture.Refusal(decoder, Read(name)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zeros-between-segments.jpg", 127, 127, 59)]
    [InlineData("group4-black-is-zero.tif", 119.5, 119.5, 119.5)]
    public void It_has_the_mean_color_that_PIL_gives(string name, double red, double green, double blue)
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            double[] means = DecodingFixture.Means(DecodingFixture.Decode(decoder, Read(name)));
            Assert.Equal(red, means[0], 0.6);
            Assert.Equal(green, means[1], 0.6);
            Assert.Equal(blue, means[2], 0.6);
        }
    }

    [Fact]
    public void Samples_of_16_bits_are_scaled_to_8()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            Assert.Equal(new byte[] { 78, 156 }, DecodingFixture.Decode(decoder, Read("16-bit.pgm")).Pixels.ToArray().Distinct().Order());
    }

    [Fact]
    public void What_is_transparent_in_a_GIF_is_black()
    {
        byte[] file = Read("transparent.gif");
        byte[] opaque = (byte[])file.Clone();
        int control = opaque.AsSpan().IndexOf(new byte[] { 0x21, 0xF9, 4 });
        Assert.Equal(1, opaque[control + 3] & 1);
        opaque[control + 3] &= 0xFE;
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            (ImageBuffer? expected, ImageBuffer? actual) = (DecodingFixture.Decode(decoder, opaque), DecodingFixture.Decode(decoder, file));
            int[] differing = Enumerable.Range(
                0,
                expected.Width * expected.Height)
            .Where(i => !expected.Pixels.Slice(3 * i, 3).SequenceEqual(actual.Pixels.Slice(3 * i, 3))).ToArray();
            Assert.Equal(81, differing.Length);
            Assert.All(differing, i => Assert.Equal([0, 0, 0], actual.Pixels.Slice(3 * i, 3).ToArray()));
        }
    }

    [Fact]
    public void A_JPEG_in_a_TIFF_is_refused_before_memory_is_taken()
    {
        byte[] file = Read("jpeg-in-tiff.tif");
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            Assert.Equal("TIFFs with JPEG inside are not supported.", DecodingFixture.Refusal(decoder, file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Fact]
    public void A_PNG_whose_text_unpacks_to_300_MB_costs_neither_its_memory_nor_its_time()
    {
        MemoryStream packed = new();
        packed.Write("Comment\0\0"u8);
        using (ZLibStream zlib = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) zlib.Write(zeros);
        }
        byte[] plain = DecodingFixture.Read("png-rgb.png");
        const int behindHeader = 33;
        byte[] bomb = [
            .. plain[..behindHeader], .. new byte[4], .. "zTXt"u8, .. packed.ToArray(), .. new byte[4], .. plain[behindHeader..]];
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(behindHeader), (uint)packed.Length);
        PngChecksums.Correct(bomb);
        IsCheap(bomb, DecodingFixture.Expected("png-rgb.png"));
    }

    [Fact]
    public void Of_a_GIF_of_800_large_frames_only_the_first_is_decoded()
    {
        const int size = 1000;
        using MemoryStream file = new();
        file.Write([.. "GIF89a"u8, size & 0xFF, size >> 8, size & 0xFF, size >> 8, 0x80, 0, 0, 200, 100, 50, 0, 0, 0]);
        byte[] frame = [0x2C, 0, 0, 0, 0, size & 0xFF, size >> 8, size & 0xFF, size >> 8, 0, 2, .. ZeroPixels(size * size), 0];
        for (int i = 0; i < 800; i++) file.Write(frame);
        file.WriteByte(0x3B);
        ImageBuffer expected = new();
        expected.Resize(size, size, 3);
        for (int i = 0; i < expected.Pixels.Length; i += 3)
            (expected.Pixels[i], expected.Pixels[i + 1], expected.Pixels[i + 2]) = (200, 100, 50);
        IsCheap(file.ToArray(), expected);
    }

    /// <summary>LZW of code size 2 that never lets its table grow: a clear code before each second pixel.</summary>
    private static byte[] ZeroPixels(int count)
    {
        List<bool> bits = new();
        void Code(int code) => bits.AddRange([(code & 1) != 0, (code & 2) != 0, (code & 4) != 0]);
        for (int i = 0; i < count; i++)
        {
            if (i % 2 == 0) Code(4);
            Code(0);
        }
        Code(5);
        IEnumerable<byte> bytes = bits.Chunk(8).Select(eight => (byte)eight.Select((bit, place) => bit ? 1 << place : 0).Sum());
        return [.. bytes.Chunk(255).SelectMany(part => (byte[])[(byte)part.Length, .. part])];
    }

    private static void IsCheap(byte[] file, ImageBuffer expected)
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            using Process process = Process.GetCurrentProcess();
            (long memory, TimeSpan cpu) = (process.PeakWorkingSet64, Environment.CpuUsage.TotalTime);
            DecodingFixture.Near(expected, DecodingFixture.Decode(decoder, file), 0, "the image");
            Assert.True(Environment.CpuUsage.TotalTime - cpu < TimeSpan.FromSeconds(2), "too slow");
            process.Refresh();
            long more = process.PeakWorkingSet64 - memory; // Linux rounds its count by a few pages, so that it may fall
            Assert.True(more < 100_000_000, $"{more} bytes more");
        }
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Fixture.Path("cases", name));
}
