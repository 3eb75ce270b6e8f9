using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Augmentation.Blur;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class GaussianBlurTests
{
    [Fact]
    public void Photographs_are_blurred_as_by_PIL()
    {
        BlurFilter filter = new();
        foreach (JsonElement photograph in GeometryFixture.Read("blurs.json").EnumerateArray())
        {
            ImageBuffer original = GeometryFixture.Image(photograph.GetProperty("image"));
            foreach (JsonElement entry in photograph.GetProperty("results").EnumerateArray())
            {
                double sigma = entry.GetProperty("sigma").GetDouble();
                ImageBuffer image = Images.Copy(original);
                filter.Apply(image, sigma);
                ImageBuffer expected = GeometryFixture.Image(entry.GetProperty("result"));
                // PIL continues the edge anew in each of its three passes, we once: that shows within the filter's reach of it.
                GeometryFixture.Near(expected, image, 0.75, 12, $"σ {sigma}, {original.Channels} channels");
                GeometryFixture.Near(Inside(expected, 16), Inside(image, 16), 0.75, 3, $"Inside, σ {sigma}, {original.Channels} channels");
            }
        }
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(30)]
    public void A_point_of_light_spreads_with_the_variance_asked_for_and_keeps_its_light(double sigma)
    {
        // The filter's own weights: an image's 8 bits would hide its tails.
        BlurWeights weights = new();
        weights.Compute(sigma);
        double sum = 0, squares = 0;
        for (int i = -weights.Radius; i <= weights.Radius; i++)
        {
            double weight = (short)weights.Values[Math.Abs(i)] / 32768.0;
            (sum, squares) = (sum + weight, squares + (weight * i * i));
        }
        Assert.Equal(1, sum, 1e-4);
        Assert.Equal(sigma * sigma, squares, (0.005 * sigma * sigma) + 0.001);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(40, 31)]
    [InlineData(1, 50)]
    public void An_image_of_one_color_keeps_it(int width, int height)
    {
        BlurFilter filter = new();
        foreach (double sigma in new[] { 0.1, 0.7, 1.5, 2, 5, 10 })
        {
            foreach (int channels in new[] { 1, 3 })
            {
                foreach (byte level in new byte[] { 0, 1, 128, 255 })
                {
                    ImageBuffer image = new();
                    image.Resize(width, height, channels);
                    image.Pixels.Fill(level);
                    filter.Apply(image, sigma);
                    Assert.Equal(-1, image.Pixels.IndexOfAnyExcept(level));
                }
            }
        }
    }

    [Fact]
    public void Turning_the_image_turns_the_blur()
    {
        ImageBuffer image = Images.Noise(33, 33, 1);
        ImageBuffer turned = Images.Copy(image), expected = Images.Copy(image);
        for (int i = 0; i < 33 * 33; i++) turned.Pixels[(i % 33 * 33) + (i / 33)] = image.Pixels[i];
        BlurFilter filter = new();

        filter.Apply(expected, 1.7);
        filter.Apply(turned, 1.7);

        for (int i = 0; i < 33 * 33; i++) Assert.InRange(turned.Pixels[(i % 33 * 33) + (i / 33)] - expected.Pixels[i], -1, 1);
    }

    [Fact]
    public void Sigma_is_even_in_its_range_and_the_share_of_blurred_views_is_as_said()
    {
        const int Draws = 100_000, Bins = 25;
        GaussianBlur blur = new(0.1, 2, 0.3);
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch scratch = new() { Trace = trace };
        ImageBuffer image = Images.Of(1, 1, 1, 9);
        int[] counts = new int[Bins];
        int blurred = 0;
        for (int i = 0; i < Draws; i++)
        {
            SampleRandom random = new(8, 0, i, 0);
            SampleRandom same = random;
            blur.Apply(image, scratch, ref random);
            // The trace rounds to two places; the draw itself is made again here.
            bool applied = same.NextBoolean(0.3);
            Assert.Equal(applied ? 1 : 0, trace.Count);
            if (applied)
            {
                double sigma = same.NextDouble(0.1, 2);
                Assert.Equal(FormattableString.Invariant($"σ {sigma:F2}"), trace[0].Drawn);
                counts[(int)((sigma - 0.1) / 1.9 * Bins)]++;
                blurred++;
            }
            trace.Clear();
        }
        Assert.Equal(0.3, blurred / (double)Draws, 4 * Math.Sqrt(0.21 / Draws));
        TwoSamples.AssertAlike(counts, [.. Enumerable.Repeat(100_000_000 / Bins, Bins)], "σ");
    }

    [Fact]
    public void Nothing_is_allocated_once_warm()
    {
        ImageBuffer image = Images.Noise(64, 64, 3);
        BlurFilter filter = new();
        filter.Apply(image, 2);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (double sigma = 0.1; sigma <= 2; sigma += 0.1) filter.Apply(image, sigma);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("minimumSigma", 0, 2, 0.5)]
    [InlineData("minimumSigma", double.NaN, 2, 0.5)]
    [InlineData("maximumSigma", 1, 0.5, 0.5)]
    [InlineData("maximumSigma", 1, 65, 0.5)]
    [InlineData("probability", 0.1, 2, -0.1)]
    public void A_bad_parameter_is_named(string parameter, double minimum, double maximum, double probability) =>
        Assert.Equal(
            parameter, Assert.Throws<ArgumentOutOfRangeException>(() => new GaussianBlur(minimum, maximum, probability)).ParamName);

    private static ImageBuffer Inside(ImageBuffer image, int margin)
    {
        ImageBuffer inside = new();
        inside.Resize(image.Width - (2 * margin), image.Height - (2 * margin), image.Channels);
        for (int y = 0; y < inside.Height; y++)
            image.Row(y + margin).Slice(margin * image.Channels, inside.Width * image.Channels).CopyTo(inside.Row(y));
        return inside;
    }
}
