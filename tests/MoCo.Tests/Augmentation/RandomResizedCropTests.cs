using System.Drawing;
using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class RandomResizedCropTests
{
    [Fact]
    public void Area_and_ratio_have_the_expected_means_where_nearly_every_try_fits()
    {
        // Small areas of a large square: the first try fits, so area is even in [.05, .15] and log ratio even in ±log 4/3.
        RandomResizedCrop crop = new(28, 0.05, 0.15);
        const int Draws = 20_000, Side = 1000;
        double area = 0, areaSquares = 0, log = 0, logSquares = 0, left = 0, top = 0;
        for (int i = 0; i < Draws; i++)
        {
            SampleRandom random = new(1, 0, i, 0);
            Rectangle box = crop.Draw(Side, Side, ref random);
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Left + box.Width <= Side && box.Top + box.Height <= Side, box.ToString());
            double share = box.Width * box.Height / (double)(Side * Side);
            double logRatio = Math.Log((double)box.Width / box.Height);
            (area, areaSquares) = (area + share, areaSquares + (share * share));
            (log, logSquares) = (log + logRatio, logSquares + (logRatio * logRatio));
            (left, top) = (left + ((double)box.Left / (Side - box.Width)), top + ((double)box.Top / (Side - box.Height)));
        }
        double third = Math.Pow(Math.Log(4.0 / 3), 2) / 3;
        Assert.Equal(0.10, area / Draws, 0.001);
        Assert.Equal(0.01 / 12, (areaSquares / Draws) - 0.01, 0.0001);
        Assert.Equal(0, log / Draws, 0.006);
        Assert.Equal(third, logSquares / Draws, third * 0.03);
        Assert.Equal(0.5, left / Draws, 0.01);
        Assert.Equal(0.5, top / Draws, 0.01);
    }

    [Theory]
    [InlineData(100, 50)]
    [InlineData(28, 28)]
    [InlineData(1, 1)]
    public void Every_rectangle_lies_within_the_image(int width, int height)
    {
        RandomResizedCrop crop = new(28, 0.01);
        for (int i = 0; i < 2000; i++)
        {
            SampleRandom random = new(2, 0, i, 0);
            Rectangle box = crop.Draw(width, height, ref random);
            Assert.True(
                box.Width >= 1 && box.Height >= 1 && box.Left >= 0 && box.Top >= 0 && box.Left + box.Width <= width && box.Top
                    + box.Height <= height,
                box.ToString());
        }
    }

    [Theory]
    [InlineData(1000, 10, 493, 0, 13, 10)]
    [InlineData(10, 1000, 0, 493, 10, 13)]
    public void Where_nothing_fits_the_largest_centred_rectangle_within_the_ratios_is_taken(
        int width, int height, int left, int top, int w, int h)
    {
        SampleRandom random = new(3, 0, 0, 0);

        Assert.Equal(new Rectangle(left, top, w, h), new RandomResizedCrop(28, 0.9).Draw(width, height, ref random));
    }

    [Fact]
    public void The_whole_image_at_its_own_size_stays_as_it_is()
    {
        ImageBuffer image = Images.Noise(28, 28, 1);
        ImageBuffer result = new();
        SampleRandom random = new(4, 0, 0, 0);

        new RandomResizedCrop(28, 1, 1, 1, 1).Resample(image, result, new AugmentationScratch(), ref random);

        Assert.Equal(image.Pixels.ToArray(), result.Pixels.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Area_ratio_position_and_fallbacks_are_spread_as_torchvisions(int set)
    {
        const int Draws = 100_000;
        JsonElement fixture = GeometryFixture.Read("draws.json")[set];
        (int width, int height) = (fixture.GetProperty("width").GetInt32(), fixture.GetProperty("height").GetInt32());
        JsonElement scale = fixture.GetProperty("scale");
        RandomResizedCrop crop = new(28, scale[0].GetDouble(), scale[1].GetDouble());
        int[] place = GeometryFixture.Integers(fixture.GetProperty("centred"));
        Rectangle centred = new(place[0], place[1], place[2], place[3]);
        int[] area = new int[20], logRatio = new int[20], left = new int[10], top = new int[10], fallback = new int[2];
        for (int i = 0; i < Draws; i++)
        {
            SampleRandom random = new(6, 0, i, 0);
            Rectangle box = crop.Draw(width, height, ref random);
            Count(area, box.Width * box.Height / (double)(width * height), crop.MinimumArea, crop.MaximumArea);
            Count(logRatio, Math.Log((double)box.Width / box.Height), Math.Log(crop.MinimumRatio), Math.Log(crop.MaximumRatio));
            if (box.Width < width) Count(left, (double)box.Left / (width - box.Width), 0, 1);
            if (box.Height < height) Count(top, (double)box.Top / (height - box.Height), 0, 1);
            fallback[box == centred ? 1 : 0]++;
        }
        int expectedFallbacks = fixture.GetProperty("fallback").GetInt32();
        TwoSamples.AssertAlike(area, GeometryFixture.Integers(fixture.GetProperty("area")), "area");
        TwoSamples.AssertAlike(logRatio, GeometryFixture.Integers(fixture.GetProperty("logRatio")), "ratio");
        TwoSamples.AssertAlike(left, GeometryFixture.Integers(fixture.GetProperty("left")), "left");
        TwoSamples.AssertAlike(top, GeometryFixture.Integers(fixture.GetProperty("top")), "top");
        TwoSamples.AssertAlike(fallback, [fixture.GetProperty("count").GetInt32() - expectedFallbacks, expectedFallbacks], "fallback");
    }

    private static void Count(int[] bins, double value, double low, double high) =>
        bins[Math.Clamp((int)((value - low) / (high - low) * bins.Length), 0, bins.Length - 1)]++;
}
