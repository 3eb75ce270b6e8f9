using System.Buffers.Binary;
using MoCo.Data;

namespace MoCo.Tests.Data.Decoding;

public sealed class ImageDecoderTests
{
    public static TheoryData<string> Names => [.. DecodingFixture.Names];

    // No limit is below one pixel.
    public static TheoryData<string> NamesAboveOnePixel => [.. DecodingFixture.Names.Where(name => DecodingFixture.Expected(name) is { Width: > 1 } or { Height: > 1 })];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_format_decodes_to_the_pixels_of_PIL(string name)
    {
        foreach (var decoder in DecodingFixture.Decoders)
            DecodingFixture.NearExpected(decoder, name, DecodingFixture.Decode(decoder, DecodingFixture.Read(name)));
    }

    [Fact]
    public void Pixmaps_decode_to_their_samples()
    {
        // What PIL made of the others is written as PPM.
        var file = File.ReadAllBytes(Fixture.Path("decoding", "expected", "png-rgb.png.ppm"));
        foreach (var decoder in DecodingFixture.Decoders)
        {
            DecodingFixture.Near(DecodingFixture.Expected("png-rgb.png"), DecodingFixture.Decode(decoder, file), 0, "PPM");
            Assert.Equal([0, 0, 0, 128, 128, 128, 255, 255, 255], DecodingFixture.Decode(decoder, [.. "P5\n3 1\n255\n"u8, 0, 128, 255]).Pixels.ToArray());
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, "P6\n99999999999 1\n255\n"u8));
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, "P6 # without an end"u8));
            Assert.Contains("pixels; at most", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, "P6\n20000 20000\n255\n"u8)).Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public void Libturbojpeg_gives_the_very_pixels_of_PIL()
    {
        Skip.IfNot(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        Assert.All(DecodingFixture.Names.Where(name => name.StartsWith("jpeg", StringComparison.Ordinal)), name =>
            DecodingFixture.Near(DecodingFixture.Expected(name), DecodingFixture.Decode(ImageDecoder.Default, DecodingFixture.Read(name)), 0, name));
    }

    [Fact]
    public void The_content_decides_the_format_and_a_buffer_is_used_again()
    {
        var picture = new ImageBuffer();
        foreach (var name in DecodingFixture.Names.Concat(DecodingFixture.Names.Reverse()))
        {
            ImageDecoder.Default.Decode(DecodingFixture.Read(name), picture);
            DecodingFixture.NearExpected(ImageDecoder.Default, name, picture);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAboveOnePixel))]
    public void A_picture_of_more_pixels_than_allowed_is_refused(string name)
    {
        var expected = DecodingFixture.Expected(name);
        var pixels = expected.Width * expected.Height;
        foreach (var decoder in new[] { ImageDecoder.Create(pixels - 1), new ImageSharpDecoder(pixels - 1) })
        {
            var error = Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, DecodingFixture.Read(name)));
            Assert.Contains($"{pixels} pixels; at most {pixels - 1} are allowed", error.Message, StringComparison.Ordinal);
        }

        DecodingFixture.Decode(ImageDecoder.Create(pixels), DecodingFixture.Read(name));
    }

    [Theory]
    [InlineData("jpeg-420.jpg")]
    [InlineData("png-rgb.png")]
    [InlineData("bmp-rgb.bmp")]
    [InlineData("gif.gif")]
    [InlineData("gif-interlaced.gif")]
    [InlineData("webp-lossy.webp")]
    [InlineData("webp-alpha.webp")]
    [InlineData("webp-orientation-6.webp")]
    [InlineData("tiff-raw.tiff")]
    [InlineData("tiff-lzw.tiff")]
    [InlineData("tiff-group4.tiff")]
    public void A_truncated_file_is_refused_and_not_filled_up_with_grey(string name)
    {
        var file = DecodingFixture.Read(name);
        foreach (var decoder in DecodingFixture.Decoders)
        {
            foreach (var share in new[] { 0.1, 0.3, 0.5, 0.7, 0.9 })
                Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, file.AsSpan(0, (int)(file.Length * share))));
        }
    }

    [Fact]
    public void A_GIF_cut_off_after_its_first_picture_is_read_all_the_same()
    {
        var file = DecodingFixture.Read("gif-animated.gif");
        foreach (var decoder in DecodingFixture.Decoders)
            DecodingFixture.NearExpected(decoder, "gif-animated.gif", DecodingFixture.Decode(decoder, file.AsSpan(0, (int)(file.Length * 0.9))));
    }

    [Fact]
    public void Files_that_are_no_pictures_say_so()
    {
        foreach (var decoder in DecodingFixture.Decoders)
        {
            Assert.Equal("The file is empty.", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [])).Message);
            Assert.Equal("The file is no picture of a known format.", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, "A letter.jpg"u8)).Message);
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [0xFF, 0xD8]));
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, [0xFF, 0xD8, 0xFF]));
            Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, new byte[1000]));
        }
    }

    [Fact]
    public void A_small_file_that_claims_a_giant_picture_costs_no_memory()
    {
        var file = DecodingFixture.Read("jpeg-444.jpg");
        var frame = file.AsSpan().IndexOf(Marker(0xC0));
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), 14_000);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), 14_000);
        foreach (var decoder in DecodingFixture.Decoders)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, file)).Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void A_progressive_picture_of_thousands_of_scans_is_refused_at_once()
    {
        var file = DecodingFixture.Read("jpeg-progressive.jpg").AsSpan();
        // The last scan once more, 5,000 times.
        var end = file.LastIndexOf(Marker(0xD9));
        var scan = file[file.LastIndexOf(Marker(0xDA))..end].ToArray();
        byte[] bomb = [.. file[..end], .. Enumerable.Repeat(scan, 5000).SelectMany(bytes => bytes), 0xFF, 0xD9];
        foreach (var decoder in DecodingFixture.Decoders)
            Assert.Contains("scans", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(decoder, bomb)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Damaged_entropy_data_is_refused_and_harmless_bytes_between_segments_are_not()
    {
        Skip.IfNot(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        var file = DecodingFixture.Read("jpeg-444.jpg");
        var expected = DecodingFixture.Expected("jpeg-444.jpg");
        var table = file.AsSpan().IndexOf(Marker(0xDB));
        byte[] padded = [.. file[..table], 1, 2, 3, .. file[table..]];
        DecodingFixture.Near(expected, DecodingFixture.Decode(ImageDecoder.Default, padded), 0, "bytes between segments");
        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(ImageDecoder.Default, padded.AsSpan(0, padded.Length - 100))).Message, StringComparison.Ordinal);

        var scan = file.AsSpan().IndexOf(Marker(0xDA)) + 40;
        // Sixteen ones are no Huffman code; a zero follows each byte of ones lest it be a marker.
        for (var i = 0; i < 100; i++)
            (file[scan + (2 * i)], file[scan + (2 * i) + 1]) = (0xFF, 0);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => DecodingFixture.Decode(ImageDecoder.Default, file)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_warm_decoder_allocates_nothing_for_a_JPEG()
    {
        Skip.IfNot(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        string[] names = ["jpeg-420.jpg", "jpeg-grey.jpg", "jpeg-cmyk.jpg", "jpeg-orientation-6.jpg", "jpeg-cmyk-orientation-6.jpg", "jpeg-progressive.jpg"];
        var files = names.Select(DecodingFixture.Read).ToArray();
        var picture = new ImageBuffer();
        foreach (var file in files)
            ImageDecoder.Default.Decode(file, picture);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            foreach (var file in files)
                ImageDecoder.Default.Decode(file, picture);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [SkippableFact]
    public void A_file_that_libturbojpeg_refuses_goes_to_the_other_decoder_and_spoils_none_after_it()
    {
        Skip.IfNot(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        var others = new CountingDecoder();
        var decoder = new TurboJpegDecoder(TurboJpegLibrary.Instance!, others, new PixelLimit(1 << 20));
        var file = DecodingFixture.Read("jpeg-420.jpg");
        var sound = DecodingFixture.Expected("jpeg-420.jpg");
        foreach (var end in new[] { 3, 20, 180, 400, 600 })
        {
            decoder.Decode(file.AsSpan(0, end), new ImageBuffer());
            DecodingFixture.Near(sound, DecodingFixture.Decode(decoder, file), 0, $"after a file of {end} bytes");
        }

        Assert.Equal(5, others.Calls);
    }

    [Fact]
    public void Many_threads_may_decode_at_once()
    {
        var names = DecodingFixture.Names.ToArray();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            DecodingFixture.NearExpected(ImageDecoder.Default, names[i % names.Length], DecodingFixture.Decode(ImageDecoder.Default, DecodingFixture.Read(names[i % names.Length]))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(ImageDecoder.LargestMaximumPixels + 1)]
    public void A_limit_out_of_range_is_refused(long maximumPixels)
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(maximumPixels), () => ImageDecoder.Create(maximumPixels));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(maximumPixels), () => new ImageSharpDecoder(maximumPixels));
    }

    private static ReadOnlySpan<byte> Marker(byte code) => new byte[] { 0xFF, code };

    private sealed class CountingDecoder : IImageDecoder
    {
        public int Calls { get; private set; }

        public void Decode(ReadOnlySpan<byte> file, ImageBuffer into) => Calls++;
    }
}
