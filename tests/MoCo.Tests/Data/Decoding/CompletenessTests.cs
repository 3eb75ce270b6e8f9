using System.Buffers.Binary;
using MoCo.Data;

namespace MoCo.Tests.Data.Decoding;

public sealed class CompletenessTests
{
    // What is shorter no decoder takes for a picture.
    private const int ShortestWithSizes = 34;

    private const int ChecksumOfEnd = 4;

    private delegate void Check(ReadOnlySpan<byte> file);

    public static TheoryData<string> Names => [.. DecodingFixture.Names.Where(name => CheckOf(name) is not null)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_whole_file_passes_and_one_that_lacks_some_of_its_first_picture_never_does(string name)
    {
        var file = DecodingFixture.Read(name);
        var check = CheckOf(name)!;
        check(file);
        var firstPicture = name.StartsWith("gif", StringComparison.Ordinal) ? EndOfFirstGifPicture(file)
            : name.StartsWith("tiff", StringComparison.Ordinal) ? EndOfStrips(file)
            : name.StartsWith("png", StringComparison.Ordinal) ? file.Length - ChecksumOfEnd
            : name.StartsWith("bmp", StringComparison.Ordinal) ? file.Length - PaddingOfBitmapRow(name)
            : file.Length;
        Assert.InRange(firstPicture, file.Length / 3, file.Length);
        for (var length = ShortestWithSizes; length < firstPicture; length++)
            Assert.Throws<InvalidDataException>(() => check(file.AsSpan(0, length)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Numbers_of_any_kind_are_survived(string name)
    {
        var file = DecodingFixture.Read(name);
        var check = CheckOf(name)!;
        foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
        {
            for (var place = 6; place < file.Length; place++)
            {
                var mutant = (byte[])file.Clone();
                mutant.AsSpan(place, Math.Min(1 + (place % 8), mutant.Length - place)).Fill(value);
                // Nothing but InvalidDataException may come out.
                if (Record.Exception(() => check(mutant)) is { } error)
                    Assert.IsType<InvalidDataException>(error);
            }
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void A_TIFF_of_either_byte_order_and_width_is_followed_to_the_end_of_its_strips(bool big, bool little)
    {
        // Two strips of 8 bytes, then the lists of their places and lengths.
        var file = TiffBytes.Write(big, little, [(273, [16, 24]), (279, [8, 8]), (0x0112, [6])], pixels: 16);
        TiffPage.CheckComplete(file);
        Assert.Equal(6, ExifOrientation.Read(file));

        var beyond = TiffBytes.Write(big, little, [(273, [16, 24]), (279, [8, 1_000_000])], pixels: 16);
        Assert.Contains("a part of its first page", Assert.Throws<InvalidDataException>(() => TiffPage.CheckComplete(beyond)).Message, StringComparison.Ordinal);
        var wrapping = TiffBytes.Write(big, little, [(324, [16, uint.MaxValue]), (325, [8, 2])], pixels: 16);
        Assert.Throws<InvalidDataException>(() => TiffPage.CheckComplete(wrapping));
    }

    [Fact]
    public void What_follows_the_end_of_a_WebP_does_not_matter()
    {
        var file = DecodingFixture.Read("webp-lossy.webp");
        WebpChunks.CheckComplete([.. file, 1, 2, 3]);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), uint.MaxValue);
        Assert.Throws<InvalidDataException>(() => WebpChunks.CheckComplete(file));
    }

    private static Check? CheckOf(string name) => Path.GetExtension(name) switch
    {
        ".png" => PngChunks.CheckComplete,
        ".webp" => WebpChunks.CheckComplete,
        ".gif" => GifBlocks.CheckComplete,
        ".bmp" => BitmapRows.CheckComplete,
        ".tiff" => TiffPage.CheckComplete,
        _ => null,
    };

    /// <summary>Where the second picture begins, else the end mark.</summary>
    private static int EndOfFirstGifPicture(byte[] file)
    {
        byte[] picture = [0x2C, 0, 0, 0, 0, 45, 0, 37, 0];
        var first = file.AsSpan().IndexOf(picture);
        var second = file.AsSpan().LastIndexOf(picture);
        return second > first ? second : file.Length - 1;
    }

    /// <summary>45 pixels in rows of whole four bytes.</summary>
    private static int PaddingOfBitmapRow(string name) => name switch
    {
        "bmp-1.bmp" => 8 - 6,
        "bmp-rgb.bmp" => 136 - 135,
        "bmp-rgba.bmp" => 0,
        _ => 48 - 45,
    };

    private static int EndOfStrips(byte[] file)
    {
        Assert.True(TiffDirectory.TryOpen(file, out var directory));
        Assert.True(directory.TryFind(273, out var places));
        Assert.True(directory.TryFind(279, out var lengths));
        return (int)(places[places.Count - 1] + lengths[lengths.Count - 1]);
    }
}
