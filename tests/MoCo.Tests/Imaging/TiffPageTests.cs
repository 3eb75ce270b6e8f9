using MoCo.Imaging;
using MoCo.Imaging.Orientation;
using MoCo.Imaging.Tiff;

namespace MoCo.Tests.Imaging;

public sealed class TiffPageTests
{
    private static readonly PixelLimit Limit = new(1 << 20);

    public static TheoryData<bool, bool> Kinds => new() { { false, true }, { false, false }, { true, true }, { true, false } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_TIFF_of_either_byte_order_and_width_is_followed_to_the_end_of_its_strips(bool big, bool little)
    {
        TiffPage.Open(Page(big, little), Limit);
        Assert.Equal(6, ExifOrientation.Read(Page(big, little, (0x0112, [6]))));
        Assert.Contains("a part of its first page", Refusal(Page(big, little, (279, [8, 1_000_000]))), StringComparison.Ordinal);
        Assert.Contains("a part of its first page", Refusal(Page(big, little, (273, [16, uint.MaxValue]))), StringComparison.Ordinal);
        Assert.Contains("as many bytes as it should", Refusal(Page(big, little, (279, [8, 7]))), StringComparison.Ordinal);
        Assert.Contains("lacks strips", Refusal(Page(big, little, (278, [1]))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(259, 2, "fax run lengths or group 3")]
    [InlineData(259, 3, "fax run lengths or group 3")]
    [InlineData(259, 6, "JPEG inside")]
    [InlineData(259, 7, "JPEG inside")]
    [InlineData(259, 34712, "compression 34712")]
    [InlineData(339, 3, "floating-point")]
    [InlineData(262, 5, "photometric interpretation 5")]
    [InlineData(262, 6, "photometric interpretation 6")]
    [InlineData(258, 32, "32 bits")]
    [InlineData(277, 2, "no depth")]
    [InlineData(266, 2, "in this form")]
    [InlineData(322, 16, "in tiles")]
    [InlineData(256, 0, "no size")]
    [InlineData(256, 1 << 20, "pixels; at most")]
    public void What_ImageSharp_would_read_wrongly_or_without_bounds_is_refused_by_name(int tag, int value, string message) =>
        Assert.Contains(message, Refusal(Page(big: false, little: true, (tag, [(ulong)value]))), StringComparison.Ordinal);

    [Fact]
    public void A_predictor_over_separate_planes_is_refused()
    {
        (int, ulong[])[] rgb = [(258, [8, 8, 8]), (262, [2]), (277, [3]), (284, [2]), (278, [4]), (273, [16, 32, 48]), (279, [16, 16, 16])];
        TiffPage.Open(Page(big: false, little: true, [.. rgb]), Limit);
        Assert.Contains(
            "predictor over separate planes", Refusal(Page(big: false, little: true, [.. rgb, (317, [2])])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "grey")]
    [InlineData(2, "RGB")]
    public void Images_of_more_channels_than_color_has_are_refused_by_name(int photometric, string color)
    {
        byte[] tiff = Page(big: false, little: true, (256, [1]), (257, [1]), (258, [8, 8, 8, 8, 8]), (262, [(ulong)photometric]),
            (277, [5]), (278, [1]), (273, [16]), (279, [5]), (338, [0, 0]));
        byte[] png = DecodingFixture.Read("png-rgb.png");
        // PNG has no color type of more than four channels: one that says so is damaged.
        png[25] = 7;
        PngChecksums.Correct(png);
        byte[] pam = [.. "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\n12345"u8];

        Assert.Contains($"TIFFs of 5 samples of 8 bits with photometric interpretation {photometric} ({color})", Refusal(tiff),
            StringComparison.Ordinal);
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            Assert.Contains("TIFFs of 5 samples", DecodingFixture.Refusal(decoder, tiff), StringComparison.Ordinal);
            Assert.Contains("The PNG cannot be decoded", DecodingFixture.Refusal(decoder, png), StringComparison.Ordinal);
            Assert.Contains("no image but a PAM", DecodingFixture.Refusal(decoder, pam), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Strips_that_lie_in_the_same_bytes_are_refused_for_each_would_be_unpacked() =>
        Assert.Contains("strips overlap", Refusal(Page(big: false, little: true, (279, [160, 160]))), StringComparison.Ordinal);

    [Fact]
    public void More_strips_than_65536_are_refused_for_each_takes_its_time() => Assert.Contains(
        "more than 65536 strips", Refusal(Page(big: false, little: true, (257, [70_000]), (278, [1]), (273, new ulong[65_537]),
            (279, new ulong[65_537]))), StringComparison.Ordinal);

    [Fact]
    public void A_tag_that_stands_twice_is_refused_for_readers_differ_in_which_one_counts()
    {
        (int, ulong[])[] entries = Entries().Concat([(259, [7])]).ToArray();
        Assert.Contains(
            "tag 259 stands there more than once", Refusal(TiffBytes.Write(big: false, little: true, entries, pixels: 16)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tiff-lzw.tiff")]
    [InlineData("tiff-adobe_deflate.tiff")]
    [InlineData("tiff-packbits.tiff")]
    [InlineData("tiff-lzw-long.tiff")]
    [InlineData("tiff-planar-lzw.tiff")]
    public void A_strip_that_ends_early_is_refused_though_the_file_holds_all_its_bytes(string name)
    {
        byte[] file = DecodingFixture.Read(name);
        TiffPage.Open(file, Limit);
        Assert.True(TiffDirectory.TryOpen(file, out TiffDirectory directory));
        Assert.True(directory.TryFind(273, out TiffNumbers places));
        Assert.True(directory.TryFind(279, out TiffNumbers lengths));
        TiffCompression compression = (TiffCompression)directory.SingleOrZero(259);
        Span<byte> strip = file.AsSpan((int)places[0], (int)lengths[0]);
        int rows = (int)Math.Min(directory.SingleOrZero(278), directory.SingleOrZero(257));
        int samples = directory.SingleOrZero(284) == 2 ? 1 : (int)directory.SingleOrZero(277);
        long bytes = (long)directory.SingleOrZero(256) * samples * rows;
        Assert.True(TiffStrip.Holds(strip, compression, bytes));
        // What one code or run may add beyond the last byte is at most a few.
        Assert.False(TiffStrip.Holds(strip, compression, bytes + 1000));
        for (int length = 0; length < strip.Length - 8; length += 7) Assert.False(TiffStrip.Holds(strip[..length], compression, bytes));
    }

    [Fact]
    public void Numbers_of_any_kind_are_survived()
    {
        foreach (string? name in DecodingFixture.Names.Where(name => name.StartsWith(
            "tiff", StringComparison.Ordinal) && name != "tiff-lzw-long.tiff"))
        {
            byte[] file = DecodingFixture.Read(name);
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
            {
                // The directory is at one end, lists of numbers beside it.
                foreach (int place in Enumerable.Range(
                    4,
                    Math.Min(300, file.Length - 4)).Concat(Enumerable.Range(
                        Math.Max(4, file.Length - 400), Math.Min(400, file.Length - 4))))
                {
                    byte[] mutant = (byte[])file.Clone();
                    mutant.AsSpan(place, Math.Min(1 + (place % 8), mutant.Length - place)).Fill(value);
                    if (Record.Exception(() => { TiffPage.Open(mutant, Limit); }) is { } error) Assert.IsType<InvalidDataException>(error);
                }
            }
        }
    }

    [Fact]
    public void Without_ImageSharp_TIFF_and_TGA_are_refused_and_the_others_read()
    {
        ImageDecoder decoder = ImageDecoder.Create(useImageSharp: false);
        Assert.Equal(
            "TIFF files are not read: the decoder's options switch ImageSharp off.",
            DecodingFixture.Refusal(decoder, DecodingFixture.Read("tiff-raw.tiff")));
        Assert.Equal(
            "TGA files are not read: the decoder's options switch ImageSharp off.",
            DecodingFixture.Refusal(decoder, DecodingFixture.Read("tga-rgb.tga")));
        foreach (string? name in new[] { "png-rgb.png", "jpeg-420.jpg", "pnm-6.ppm", "ico-png.ico" })
            DecodingFixture.EqualsExpected(name, DecodingFixture.Decode(decoder, DecodingFixture.Read(name)));
    }

    /// <summary>4×4 grey pixels in two strips of 8 bytes, in a place for 48; entries given replace or join these.</summary>
    private static byte[] Page(bool big, bool little, params (int Tag, ulong[] Numbers)[] changes)
    {
        IEnumerable<(int Tag, ulong[] Numbers)> kept = Entries().Where(entry => changes.All(change => change.Tag != entry.Tag));
        return TiffBytes.Write(big, little, [.. kept.Concat(changes).OrderBy(entry => entry.Tag)], pixels: 48);
    }

    private static IEnumerable<(int Tag, ulong[] Numbers)> Entries() =>
        [(256, [4]), (257, [4]), (258, [8]), (259, [1]), (262, [1]), (273, [16, 24]), (277, [1]), (278, [2]), (279, [8, 8])];

    private static string Refusal(byte[] file) => Assert.Throws<InvalidDataException>(() => { TiffPage.Open(file, Limit); }).Message;
}
