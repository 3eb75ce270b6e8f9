using MoCo.Augmentation;
using MoCo.Augmentation.Resampling;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Loading;
using MoCo.Tests.Imaging;
using SkiaSharp;

namespace MoCo.Tests.Loading;

public sealed class DecodeSmallerTests : IDisposable
{
    private const int Size = 32, Wide = 803, High = 602;

    private static readonly byte[] Photograph = Jpeg(Wide, High);

    private readonly TemporaryFolder folder = new();

    public static TheoryData<bool> Decoders => ImageDecoder.HasTurboJpeg ? [true, false] : [false];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(127, 1)]
    [InlineData(128, 2)]
    [InlineData(255, 2)]
    [InlineData(256, 4)]
    [InlineData(512, 8)]
    [InlineData(100_000, 8)]
    public void What_is_left_is_at_least_twice_the_view(int side, int factor) =>
        Assert.Equal(factor, BilinearResampler.Reduction(side, Size));

    [Theory]
    [MemberData(nameof(Decoders))]
    public void A_JPEG_is_decoded_to_a_half_a_quarter_or_an_eighth_whatever_its_orientation(bool turbo)
    {
        ImageDecoder decoder = ImageDecoder.Create(useTurboJpeg: turbo);
        // Of one that is turned the squares that become pixels begin at another end.
        foreach ((int orientation, int wide, int high) in (IEnumerable<(int, int, int)>)[(1, Wide, High), (3, 400, 304), (6, 304, 400)])
        {
            byte[] file = Turned(orientation == 6 ? Jpeg(high, wide) : Jpeg(wide, high), orientation);
            ImageBuffer full = new(), small = new();
            decoder.Decode(file, full);
            Assert.Equal((wide, high, wide, high), (full.Width, full.Height, full.FullWidth, full.FullHeight));
            foreach (int factor in (int[])[2, 4, 8])
            {
                small.Reduction = (width, height) => (width, height) == (wide, high) ? factor : 1;
                decoder.Decode(file, small);
                (int width, int height) = ((wide + factor - 1) / factor, (high + factor - 1) / factor);
                Assert.Equal((width, height, wide, high), (small.Width, small.Height, small.FullWidth, small.FullHeight));
                Assert.InRange(FromMeans(full, small, factor), 0, 4);
            }
        }
    }

    [Fact]
    public void JPEGs_of_every_kind_are_decoded_smaller()
    {
        foreach (ImageDecoder decoder in DecodingFixture.Decoders)
        {
            foreach (string name in DecodingFixture.Names.Where(name => name.StartsWith("jpeg-", StringComparison.Ordinal)))
            {
                ImageBuffer full = DecodingFixture.Decode(decoder, DecodingFixture.Read(name)), half = new() { Reduction = (_, _) => 2 };
                decoder.Decode(DecodingFixture.Read(name), half);
                Assert.Equal(((full.Width + 1) / 2, (full.Height + 1) / 2), (half.Width, half.Height));
                if (full.Width > 20) Assert.InRange(FromMeans(full, half, 2), 0, 10);
            }
        }
    }

    [Fact]
    public void Both_decoders_make_the_same_pixels()
    {
        Assert.SkipUnless(ImageDecoder.HasTurboJpeg, "no libturbojpeg here");
        foreach (int factor in (int[])[2, 4, 8])
        {
            ImageBuffer turbo = new() { Reduction = (_, _) => factor }, skia = new() { Reduction = (_, _) => factor };
            ImageDecoder.Default.Decode(Photograph, turbo);
            ImageDecoder.Create(useTurboJpeg: false).Decode(Photograph, skia);
            Assert.Equal(turbo.Pixels.ToArray(), skia.Pixels.ToArray());
        }
    }

    [Fact]
    public void The_crop_is_the_same_rectangle_of_the_full_image()
    {
        AugmentationRecipe recipe = new(Size, [new RandomResizedCrop(Size)], Normalize.HalfRange);
        ImageBuffer full = new(), small = new();
        ImageDecoder.Default.Decode(Photograph, full);
        small.Reduction = (_, _) => 4;
        ImageDecoder.Default.Decode(Photograph, small);
        double worst = 0;
        for (int view = 0; view < 20; view++)
        {
            (byte[] expected, string box) = View(full, view);
            (byte[] actual, string again) = View(small, view);
            Assert.Equal(box, again);
            worst = Math.Max(worst, Distance(expected, actual));
        }
        Assert.InRange(worst, 0.01, 3);

        (byte[] Pixels, string Box) View(ImageBuffer image, int view)
        {
            List<(string Step, string Drawn)> drawn = [];
            SampleRandom random = new(1, 0, 0, view);
            ImageBuffer made = recipe.Augment(image, new AugmentationScratch { Trace = drawn }, ref random);
            return (made.Pixels.ToArray(), drawn[0].Drawn);
        }
    }

    [Fact]
    public void A_rectangle_that_begins_within_a_pixel_is_resized_from_there()
    {
        ImageBuffer ramp = new(), view = new();
        ramp.Resize(128, 128, 1);
        for (int i = 0; i < ramp.Pixels.Length; i++) ramp.Pixels[i] = (byte)(2 * (i % 128));
        ramp.SetFullSize(256, 256);
        new BilinearResampler().Resize(ramp, new(33, 57, 150, 150), view, 20, 20);
        // A pixel of the small image is two of the full one, of which it shows the grey of the first.
        for (int x = 1; x < 19; x++) Assert.InRange(view.Pixels[x], 33 + ((x + 0.5) * 7.5) - 2, 33 + ((x + 0.5) * 7.5));
    }

    [Fact]
    public void Batches_hardly_differ_with_smaller_decoding_and_not_at_all_where_nothing_is_large()
    {
        for (int i = 0; i < 4; i++) folder.Write($"large{i}.jpg", Turned(Jpeg(Wide, High, seed: i), (2 * i) + 1));
        (float[] full, float[] small) = (Batch(smaller: false), Batch(smaller: true));
        Assert.NotEqual(full, small);
        Assert.Equal(small, Batch(smaller: true, workers: 3));
        // Levels, of values from −1 to 1.
        Assert.InRange(full.Zip(small, (a, b) => Math.Abs(a - b) * 127.5).Average(), 0.01, 2);

        foreach (string file in Directory.GetFiles(folder.Path)) File.Delete(file);
        folder.Write("small.jpg", Jpeg(120, 100));
        folder.Write("large.png", Encoded(Wide, High, SKEncodedImageFormat.Png, 0));
        Assert.Equal(Batch(smaller: false), Batch(smaller: true));
    }

    [Fact]
    public void Evaluation_views_are_decoded_smaller_too()
    {
        folder.Write("large.jpg", Photograph);
        AugmentationRecipe recipe = AugmentationRecipe.Evaluation(Size);
        Assert.Equal(8, recipe.Reduction(Wide, High, default));
        Assert.Equal(1, new AugmentationRecipe(Size, [new CenterCrop(Size)], Normalize.HalfRange).Reduction(Wide, High, default));
        float[] full = View(smaller: false), small = View(smaller: true);
        Assert.NotEqual(full, small);
        Assert.InRange(full.Zip(small, (a, b) => Math.Abs(a - b) * 127.5).Average(), 0.01, 6);

        float[] View(bool smaller)
        {
            using SingleViewLoader loader = new(
                new ImageFolder(folder.Path), recipe, new LoaderOptions { Shuffle = false, DecodeSmaller = smaller, Workers = 1 });
            using SingleViewBatch batch = loader.Epoch().Single();
            return [.. batch.Views.data<float>()];
        }
    }

    private float[] Batch(bool smaller, int workers = 1)
    {
        AugmentationRecipe recipe = new(Size, [new RandomResizedCrop(Size)], Normalize.HalfRange);
        using TwoCropLoader loader = new(
            new ImageFolder(folder.Path), recipe, new LoaderOptions { BatchSize = 8, DecodeSmaller = smaller, Workers = workers });
        using TwoCropBatch batch = loader.Epoch(0).Single();
        return [.. batch.Query.data<float>(), .. batch.Key.data<float>()];
    }

    /// <summary>The mean distance of a small image's pixels from the means of the full one's, in grey levels.</summary>
    private static double FromMeans(ImageBuffer full, ImageBuffer small, int factor)
    {
        double sum = 0;
        int count = 0;
        for (int y = 0; (y + 1) * factor <= full.Height; y++)
        {
            for (int x = 0; (x + 1) * factor <= full.Width; x++, count++)
            {
                int mean = 0;
                for (int i = 0; i < factor * factor; i++)
                    mean += full.Pixels[3 * ((((y * factor) + (i / factor)) * full.Width) + (x * factor) + (i % factor))];
                sum += Math.Abs(((double)mean / (factor * factor)) - small.Pixels[3 * ((y * small.Width) + x)]);
            }
        }
        return sum / count;
    }

    private static double Distance(byte[] left, byte[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Average();

    private static byte[] Jpeg(int width, int height, int seed = 0) => Encoded(width, height, SKEncodedImageFormat.Jpeg, seed);

    /// <summary>Something like a photograph: waves of several lengths.</summary>
    private static byte[] Encoded(int width, int height, SKEncodedImageFormat format, int seed)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int y = 0, at = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, at += 4)
            {
                double wave = Math.Sin((x + seed) / 9.0) + Math.Cos(y / 7.0) + Math.Sin((x + y) / 60.0) + Math.Sin(x * y / 9000.0);
                (pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]) =
                    ((byte)(128 + (30 * wave)), (byte)(100 + (20 * wave)), (byte)(x * 255 / width), 255);
            }
        }
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>The file with EXIF's orientation.</summary>
    private static byte[] Turned(byte[] jpeg, int orientation) =>
    [
        .. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0,
        (byte)orientation, 0, 0, 0, 0, 0, 0, 0, .. jpeg[2..],
    ];
}
