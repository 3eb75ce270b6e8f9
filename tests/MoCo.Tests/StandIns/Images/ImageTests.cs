using MoCo.Tests.Data.Decoding;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MoCo.Tests.StandIns.Images;

public sealed class ImageTests
{
    [Fact]
    public void A_saved_PNG_comes_back_pixel_for_pixel()
    {
        using var image = Image.Load<Rgb24>(DecodingFixture.Read("png-rgb.png"));
        using var file = new MemoryStream();
        image.SaveAsPng(file);
        using var back = Image.Load<Rgb24>(file.ToArray());

        Assert.Equal(Pixels(image), Pixels(back));
    }

    [Fact]
    public void A_saved_JPEG_is_the_nearer_the_higher_its_quality()
    {
        using var image = Image.Load<Rgb24>(DecodingFixture.Read("png-rgb.png"));
        var errors = new[] { 20, 60, 95 }.Select(quality =>
        {
            using var file = new MemoryStream();
            image.SaveAsJpeg(file, new JpegEncoder { Quality = quality });
            using var back = Image.Load<Rgb24>(file.ToArray());
            return Pixels(image).Zip(Pixels(back), (a, b) => Math.Abs(a - b)).Average();
        }).ToArray();

        Assert.True(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] < 5, string.Join(", ", errors));
        Assert.Throws<ArgumentException>(() => new JpegEncoder { Quality = 101 });
    }

    [Fact]
    public void What_is_no_picture_and_what_is_a_damaged_one_are_told_apart()
    {
        Assert.Throws<UnknownImageFormatException>(() => Image.Identify("text"u8));
        Assert.Throws<InvalidImageContentException>(() => Image.Load<Rgb24>(DecodingFixture.Read("gif.gif").AsSpan(0, 900)));
    }

    [Fact]
    public void A_pixmap_may_have_16_bits_and_comments_and_must_be_whole()
    {
        byte[] file = [.. "P6 # a remark\n# another\n1 2\n511\n"u8, 0, 0, 1, 0, 1, 255, 1, 255, 0, 0, 0, 255];
        using var image = Image.Load<Rgb24>(file);

        Assert.Equal([0, 128, 255, 255, 0, 127], Pixels(image));
        Assert.Throws<InvalidImageContentException>(() => Image.Load<Rgb24>(file.AsSpan(0, file.Length - 1)));
    }

    [Fact]
    public void The_size_is_the_file_s_and_orienting_is_asked_for()
    {
        var file = DecodingFixture.Read("jpeg-orientation-6.jpg");
        var info = Image.Identify(new DecoderOptions { MaxFrames = 1 }, file);
        using var image = Image.Load<Rgb24>(file);
        Assert.Equal(info.Size, image.Size);

        image.Mutate(picture => picture.AutoOrient());
        Assert.Equal(new Size(info.Height, info.Width), image.Size);
        image.Mutate(picture => picture.AutoOrient());
        Assert.Equal(new Size(info.Height, info.Width), image.Size);
    }

    [Fact]
    public void Rows_pixels_and_copies_are_the_same_memory_or_not_as_they_say()
    {
        using var image = new Image<Rgb24>(4, 3, new Rgb24(1, 2, 3));
        using var copy = image.Clone();
        image[3, 2] = new Rgb24(9, 8, 7);
        var last = default(Rgb24);
        image.ProcessPixelRows(rows => last = rows.GetRowSpan(2)[3]);

        Assert.Equal(new Rgb24(9, 8, 7), last);
        Assert.Equal(new Rgb24(1, 2, 3), copy[3, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => image[4, 0]);
    }

    [Fact]
    public void Cropping_takes_the_pixels_of_the_rectangle()
    {
        using var image = Image.LoadPixelData<Rgb24>(Enumerable.Range(0, 6 * 5).Select(i => new Rgb24((byte)i, 0, 0)).ToArray(), 6, 5);
        using var crop = image.Clone(picture => picture.Crop(new Rectangle(2, 1, 3, 4)));

        Assert.Equal((3, 4), (crop.Width, crop.Height));
        Assert.Equal((8, 28), (crop[0, 0].R, crop[2, 3].R));
        Assert.Throws<ArgumentException>(() => image.Mutate(picture => picture.Crop(7, 1)));
    }

    [Fact]
    public void Resizing_keeps_a_flat_picture_flat_and_a_ramp_a_ramp()
    {
        using var flat = new Image<Rgb24>(31, 17, new Rgb24(200, 100, 7));
        flat.Mutate(picture => picture.Resize(12, 0));
        Assert.Equal((12, 7), (flat.Width, flat.Height));
        flat.ProcessPixelRows(rows => Assert.True(rows.GetRowSpan(3).IndexOfAnyExcept(new Rgb24(200, 100, 7)) < 0));

        using var ramp = Image.LoadPixelData<Rgb24>(Enumerable.Range(0, 64).Select(x => new Rgb24((byte)(4 * x), 0, 0)).ToArray(), 64, 1);
        ramp.Mutate(picture => picture.Resize(16, 1));
        for (var x = 2; x < 14; x++)
            Assert.InRange(ramp[x, 0].R, (16 * x) + 5, (16 * x) + 7);
    }

    private static byte[] Pixels(Image<Rgb24> image)
    {
        var pixels = new byte[image.Width * image.Height * 3];
        image.CopyPixelDataTo(pixels);
        return pixels;
    }
}
