using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

public sealed class TruncationTests
{
    private const int Cuts = 57;

    // The pixels are whole where only what follows them is cut off: an end mark, the next frame or page, padding.
    private static readonly string[] EndBehindPixels = ["bmp", "gif", "ico", "png", "pnm", "tga", "tiff", "webp-animated"];

    public static TheoryData<string> Names => [.. DecodingFixture.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_that_is_cut_off_is_refused_and_never_filled_up(string name)
    {
        byte[] file = DecodingFixture.Read(name);
        bool mayBeWhole = EndBehindPixels.Any(start => name.StartsWith(start, StringComparison.Ordinal));
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            int refused = 0;
            for (int cut = 1; cut <= Cuts; cut++)
            {
                // Old pixels in the buffer must not pass for the image's.
                ImageBuffer image = DecodingFixture.Expected(name);
                image.Pixels.Reverse();
                try
                {
                    decoder.Decode(file.AsSpan(0, (int)((long)file.Length * cut / (Cuts + 1))), image);
                    Assert.True(mayBeWhole, $"{name}: {cut} of {Cuts + 1} parts passed for the whole");
                    DecodingFixture.EqualsExpected(name, image);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
            Assert.InRange(refused, 1, Cuts);
        }
    }

    [Fact]
    public void A_progressive_JPEG_without_its_last_scans_is_refused_though_Skia_calls_it_whole()
    {
        byte[] file = DecodingFixture.Read("jpeg-progressive.jpg");
        int lastScan = file.AsSpan().LastIndexOf(new byte[] { 0xFF, 0xDA });
        Assert.Equal("The JPEG is truncated: it has no end.", DecodingFixture.Refusal(DecodingFixture.Decoders[^1], file[..lastScan]));
        DecodingFixture.Refusal(DecodingFixture.Decoders[0], file[..lastScan]);
    }

    [Fact]
    public void A_WebP_cut_off_behind_its_pixels_is_refused_lest_its_orientation_be_lost()
    {
        byte[] file = DecodingFixture.Read("webp-orientation-6.webp");
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
            Assert.Contains("truncated", DecodingFixture.Refusal(decoder, file[..^4]), StringComparison.Ordinal);
        Assert.Equal(
            DecodingFixture.Expected("webp-lossy.webp").Pixels.ToArray(),
            DecodingFixture.Decode(ImageDecoder.Default, [.. DecodingFixture.Read("webp-lossy.webp"), 1, 2, 3]).Pixels.ToArray());
    }
}
