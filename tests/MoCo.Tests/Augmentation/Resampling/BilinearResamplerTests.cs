using System.Drawing;
using System.Text.Json;
using MoCo.Augmentation.Resampling;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation.Resampling;

public sealed class BilinearResamplerTests
{
    [Theory]
    [InlineData(28, 28, 1, 28, 28)]
    [InlineData(13, 9, 1, 28, 28)]
    [InlineData(40, 31, 1, 28, 28)]
    [InlineData(120, 90, 3, 48, 48)]
    [InlineData(300, 280, 1, 20, 20)]
    [InlineData(50, 20, 3, 7, 31)]
    [InlineData(3, 2, 3, 5, 4)]
    [InlineData(1, 1, 1, 4, 4)]
    [InlineData(300, 2, 1, 1, 1)]
    [InlineData(28, 17, 1, 28, 28)]
    [InlineData(17, 28, 3, 28, 28)]
    public void Equals_a_triangle_filter_in_float64_within_the_rounding_of_two_passes(
        int width, int height, int channels, int newWidth, int newHeight)
    {
        // The box lies inside a larger image: nothing outside of it may be seen.
        ImageBuffer image = Images.Noise(width + 5, height + 4, channels);
        Rectangle box = new(2, 3, width, height);
        ImageBuffer result = new();

        new BilinearResampler().Resize(image, box, result, newWidth, newHeight);

        Assert.Equal((newWidth, newHeight, channels), (result.Width, result.Height, result.Channels));
        double[] expected = Naive(image, box, newWidth, newHeight);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(result.Pixels[i] - expected[i], -1.001, 1.001);
    }

    [Fact]
    public void An_image_of_one_color_keeps_it_at_every_size()
    {
        BilinearResampler resampler = new();
        ImageBuffer result = new();
        foreach (byte value in new byte[] { 0, 1, 127, 255 })
        {
            for (int size = 1; size < 70; size++)
            {
                ImageBuffer image = new();
                image.Resize(size, 71 - size, 3);
                image.Pixels.Fill(value);
                resampler.Resize(image, new Rectangle(0, 0, size, 71 - size), result, 33, 35);
                Assert.Equal(-1, result.Pixels.IndexOfAnyExcept(value));
            }
        }
    }

    [Fact]
    public void A_row_s_bytes_do_not_depend_on_the_length_that_decides_between_vectors_and_scalars()
    {
        // Eight columns of 1 channel go the scalar way, the same eight inside of 24 the vectors' way.
        ImageBuffer wide = Images.Noise(24, 50, 1);
        BilinearResampler resampler = new();
        ImageBuffer whole = new(), part = new();
        resampler.Resize(wide, new Rectangle(0, 0, 24, 50), whole, 24, 13);
        for (int left = 0; left < 24; left += 8)
        {
            resampler.Resize(wide, new Rectangle(left, 0, 8, 50), part, 8, 13);
            for (int y = 0; y < 13; y++) Assert.Equal(whole.Row(y).Slice(left, 8).ToArray(), part.Row(y).ToArray());
        }
    }

    [Fact]
    public void Kept_weights_and_fresh_ones_give_the_same_bytes()
    {
        ImageBuffer image = Images.Noise(90, 80, 1);
        BilinearResampler warm = new();
        ImageBuffer expected = new(), found = new();
        for (int round = 0; round < 2; round++)
        {
            for (int size = 1; size <= 80; size += 7)
            {
                warm.Resize(image, new Rectangle(1, 0, size, 81 - size), found, 28, 30);
                new BilinearResampler().Resize(image, new Rectangle(1, 0, size, 81 - size), expected, 28, 30);
                Assert.Equal(expected.Pixels.ToArray(), found.Pixels.ToArray());
            }
        }
    }

    [Fact]
    public void Photographs_are_cropped_and_resized_as_by_torchvision()
    {
        BilinearResampler resampler = new();
        ImageBuffer result = new();
        foreach (JsonElement photograph in GeometryFixture.Read("resizes.json").EnumerateArray())
        {
            ImageBuffer image = GeometryFixture.Image(photograph.GetProperty("image"));
            foreach (JsonElement entry in photograph.GetProperty("results").EnumerateArray())
            {
                ImageBuffer expected = GeometryFixture.Image(entry.GetProperty("result"));
                int[] box = GeometryFixture.Integers(entry.GetProperty("box"));
                Rectangle crop = new(box[0], box[1], box[2], box[3]);
                resampler.Resize(image, crop, result, expected.Width, expected.Height);
                GeometryFixture.Near(expected, result, 0.35, 1, $"{crop} to {expected.Width}×{expected.Height}");
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 300, 200)]
    [InlineData(16_384, 3, 5, 2)]
    [InlineData(3, 16_384, 2, 5)]
    [InlineData(1, 5000, 700, 1)]
    [InlineData(20, 20, 16_384, 1)]
    public void Extreme_shapes_keep_between_the_darkest_and_the_lightest_level(int width, int height, int newWidth, int newHeight)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            ImageBuffer image = Images.Noise(width, height, channels);
            (byte low, byte high) = (image.Pixels.ToArray().Min(), image.Pixels.ToArray().Max());
            ImageBuffer result = new();

            new BilinearResampler().Resize(image, new Rectangle(0, 0, width, height), result, newWidth, newHeight);

            Assert.Equal((newWidth, newHeight, channels), (result.Width, result.Height, result.Channels));
            Assert.Equal(-1, result.Pixels.IndexOfAnyExceptInRange(low, high));
        }
    }

    [Fact]
    public void Nothing_is_allocated_once_warm()
    {
        ImageBuffer image = Images.Noise(120, 90, 3);
        ImageBuffer result = new();
        BilinearResampler resampler = new();
        ImageBuffer grey = Images.Noise(120, 90, 1);
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int size = 1; size <= 90; size++)
            {
                resampler.Resize(image, new Rectangle(0, 0, 121 - size, size), result, 48, 48);
                resampler.Resize(grey, new Rectangle(0, 0, 121 - size, size), result, 48, 48);
            }
            if (round == 1) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static double[] Naive(ImageBuffer image, Rectangle box, int width, int height)
    {
        (int Input, double Weight)[][] across = Weights(box.Width, width);
        (int Input, double Weight)[][] down = Weights(box.Height, height);
        double[] result = new double[width * height * image.Channels];
        for (int i = 0; i < result.Length; i++)
        {
            (int x, int y, int channel) = (i / image.Channels % width, i / image.Channels / width, i % image.Channels);
            foreach ((int v, double rowWeight) in down[y])
            {
                Span<byte> row = image.Row(box.Top + v);
                foreach ((int u, double weight) in across[x])
                    result[i] += rowWeight * weight * row[((box.Left + u) * image.Channels) + channel];
            }
        }
        return result;
    }

    private static (int Input, double Weight)[][] Weights(int inputs, int outputs)
    {
        return [.. Enumerable.Range(0, outputs).Select(output =>
        {
            List<(
                int input,
                double Weight)> seen = Enumerable.Range(0, inputs).Select(input => (
                    input, Weight: Triangle(output, input, inputs, outputs))).Where(pair => pair.Weight > 0).ToList();
            return seen.Select(pair => (pair.input, pair.Weight / seen.Sum(other => other.Weight))).ToArray();
        })];
    }

    private static double Triangle(int output, int input, int inputs, int outputs)
    {
        double scale = (double)inputs / outputs;
        return Math.Max(0, 1 - (Math.Abs(input + 0.5 - ((output + 0.5) * scale)) / Math.Max(scale, 1)));
    }
}
