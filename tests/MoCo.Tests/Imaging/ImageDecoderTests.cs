using System.Buffers.Binary;
using MoCo.Imaging;
using MoCo.Imaging.Jpeg;

namespace MoCo.Tests.Imaging;

public sealed class ImageDecoderTests
{
    public static TheoryData<string> Names => [.. DecodingFixture.Names];

    // No limit is below one pixel.
    public static TheoryData<string> NamesAboveOnePixel
        => [.. DecodingFixture.Names.Where(name => DecodingFixture.Expected(name) is { Width: > 1 } or { Height: > 1 })];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_format_decodes_to_the_pixels_of_PIL(string name)
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            DecodingFixture.EqualsExpected(name, DecodingFixture.Decode(decoder, DecodingFixture.Read(name)));
    }

    [Fact]
    public void A_pixmap_with_a_damaged_header_is_refused()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Contains(
                "something else where a number is expected", DecodingFixture.Refusal(decoder, [.. "P6\n99999999999 1\n255\n"u8]),
                StringComparison.Ordinal);
            Assert.Contains("truncated", DecodingFixture.Refusal(decoder, [.. "P6 # without an end"u8]), StringComparison.Ordinal);
            Assert.Contains("damaged", DecodingFixture.Refusal(decoder, [.. "P5\n3 1\n70000\n"u8, 0, 0, 0]), StringComparison.Ordinal);
            Assert.Contains("pixels; at most", DecodingFixture.Refusal(decoder, [.. "P6\n20000 20000\n255\n"u8]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_content_decides_the_format_and_a_buffer_is_used_again()
    {
        ImageBuffer image = new();
        foreach (string? name in DecodingFixture.Names.Concat(DecodingFixture.Names.Reverse()))
        {
            ImageDecoder.Default.Decode(DecodingFixture.Read(name), image);
            DecodingFixture.EqualsExpected(name, image);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAboveOnePixel))]
    public void An_image_of_more_pixels_than_allowed_is_refused(string name)
    {
        ImageBuffer expected = DecodingFixture.Expected(name);
        int pixels = expected.Width * expected.Height;
        foreach (ImageDecoder decoder in DecodingFixture.DecodersOf(pixels - 1))
        {
            Assert.Contains(
                $"{pixels} pixels; at most {pixels - 1} are allowed", DecodingFixture.Refusal(decoder, DecodingFixture.Read(name)),
                StringComparison.Ordinal);
        }
        foreach (ImageDecoder decoder in DecodingFixture.DecodersOf(pixels))
            DecodingFixture.EqualsExpected(name, DecodingFixture.Decode(decoder, DecodingFixture.Read(name)));
    }

    [Fact]
    public void A_GIF_cut_off_after_its_first_image_is_read_all_the_same()
    {
        byte[] file = DecodingFixture.Read("gif-animated.gif");
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            DecodingFixture.EqualsExpected("gif-animated.gif", DecodingFixture.Decode(decoder, file.AsSpan(0, (int)(file.Length * 0.9))));
    }

    [Fact]
    public void Files_that_are_no_images_say_so()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Equal("The file is empty.", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [])).Message);
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [0xFF, 0xD8]));
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [0xFF, 0xD8, 0xFF]));
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, new byte[1000]));
        }
    }

    [Fact]
    public void A_small_file_that_claims_a_giant_image_costs_no_memory()
    {
        byte[] file = DecodingFixture.Read("jpeg-444.jpg");
        int frame = file.AsSpan().IndexOf(Marker(0xC0));
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), 14_000);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), 14_000);
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains(
                "truncated", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, file)).Message,
                StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void A_progressive_image_of_thousands_of_scans_is_refused_at_once()
    {
        Span<byte> file = DecodingFixture.Read("jpeg-progressive.jpg").AsSpan();
        // The last scan once more, 5,000 times.
        int end = file.LastIndexOf(Marker(0xD9));
        byte[] scan = file[file.LastIndexOf(Marker(0xDA))..end].ToArray();
        byte[] bomb = [.. file[..end], .. Enumerable.Repeat(scan, 5000).SelectMany(bytes => bytes), 0xFF, 0xD9];
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Contains(
                "scans", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, bomb)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damaged_entropy_data_is_refused_and_harmless_bytes_between_segments_are_not()
    {
        Assert.SkipUnless(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        byte[] file = DecodingFixture.Read("jpeg-444.jpg");
        ImageBuffer expected = DecodingFixture.Expected("jpeg-444.jpg");
        int table = file.AsSpan().IndexOf(Marker(0xDB));
        byte[] padded = [.. file[..table], 1, 2, 3, .. file[table..]];
        DecodingFixture.Near(expected, DecodingFixture.Decode(ImageDecoder.Default, padded), 0, "bytes between segments");
        Assert.Contains(
            "truncated",
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(
                ImageDecoder.Default, padded.AsSpan(0, padded.Length - 100))).Message,
            StringComparison.Ordinal);

        int scan = file.AsSpan().IndexOf(Marker(0xDA)) + 40;
        // Sixteen ones are no Huffman code; a zero follows each byte of ones lest it be a marker.
        for (int i = 0; i < 100; i++) (file[scan + (2 * i)], file[scan + (2 * i) + 1]) = (0xFF, 0);
        Assert.Contains(
            "damaged", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(ImageDecoder.Default, file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_decoder_allocates_nothing_for_a_JPEG()
    {
        Assert.SkipUnless(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        string[] names = ["jpeg-420.jpg", "jpeg-grey.jpg", "jpeg-orientation-6.jpg", "jpeg-progressive.jpg"];
        byte[][] files = names.Select(DecodingFixture.Read).ToArray();
        ImageBuffer image = new();
        foreach (byte[]? file in files) ImageDecoder.Default.Decode(file, image);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            foreach (byte[]? file in files) ImageDecoder.Default.Decode(file, image);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_warm_decoder_allocates_little_more_than_a_codec_for_other_formats()
    {
        string[] names = ["png-rgb.png", "webp-lossy.webp", "gif.gif", "bmp-rgb.bmp", "png-orientation-8.png", "jpeg-cmyk.jpg"];
        byte[][] files = names.Select(DecodingFixture.Read).ToArray();
        ImageBuffer image = new();
        foreach (byte[]? file in files) ImageDecoder.Default.Decode(file, image);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            foreach (byte[]? file in files) ImageDecoder.Default.Decode(file, image);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (20 * files.Length), 0, 1000);
    }

    [Fact]
    public void A_file_that_libturbojpeg_refuses_spoils_none_after_it()
    {
        Assert.SkipUnless(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        TurboJpegDecoder decoder = new(TurboJpegLibrary.Instance!, new PixelLimit(1 << 20));
        byte[] file = DecodingFixture.Read("jpeg-420.jpg");
        ImageBuffer image = new();
        foreach (int end in new[] { 3, 20, 180, 400, 600 })
        {
            Assert.False(decoder.TryDecode(file.AsSpan(0, end), JpegSegments.Read(file), image));
            Assert.True(decoder.TryDecode(file, JpegSegments.Read(file), image));
            DecodingFixture.EqualsExpected("jpeg-420.jpg", image);
        }
    }

    [Fact]
    public void A_JPEG_without_tables_does_not_get_those_of_the_file_before()
    {
        byte[] file = DecodingFixture.Read("jpeg-420.jpg");
        (int table, int frame) = (file.AsSpan().IndexOf(Marker(0xDB)), file.AsSpan().IndexOf(Marker(0xC0)));
        byte[] bare = [.. file[..table], .. file[frame..]];
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            DecodingFixture.EqualsExpected("jpeg-420.jpg", DecodingFixture.Decode(decoder, file));
            DecodingFixture.Refusal(decoder, bare);
        }
    }

    [Theory]
    [InlineData("jpeg-410.jpg")]
    [InlineData("jpeg-cmyk.jpg")]
    [InlineData("jpeg-ycck.jpg")]
    public void What_libturbojpeg_does_not_take_Skia_reads(string name)
    {
        Assert.SkipUnless(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        byte[] file = DecodingFixture.Read(name);
        Assert.False(new TurboJpegDecoder(
            TurboJpegLibrary.Instance!, new PixelLimit(1 << 20)).TryDecode(file, JpegSegments.Read(file), new ImageBuffer()));
        DecodingFixture.EqualsExpected(name, DecodingFixture.Decode(ImageDecoder.Default, file));
    }

    [Fact]
    public void Many_threads_may_decode_at_once()
    {
        string[] names = DecodingFixture.Names.ToArray();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            DecodingFixture.EqualsExpected(
                names[i % names.Length], DecodingFixture.Decode(ImageDecoder.Default, DecodingFixture.Read(names[i % names.Length]))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(536_000_001)]
    public void A_limit_out_of_range_is_refused(long maximumPixels)
    {
        ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(() => ImageDecoder.Create(maximumPixels));
        Assert.StartsWith("Expected 1 to 536000000. (Parameter 'maximumPixels')", error.Message, StringComparison.Ordinal);
    }

    private static ReadOnlySpan<byte> Marker(byte code) => new byte[] { 0xFF, code };
}
