using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class StepTests
{
    [Theory]
    [InlineData(28, 1)]
    [InlineData(7, 1)]
    [InlineData(28, 3)]
    [InlineData(7, 3)]
    [InlineData(1, 3)]
    [InlineData(10, 3)]
    [InlineData(11, 3)]
    [InlineData(12, 3)]
    [InlineData(21, 3)]
    [InlineData(22, 3)]
    [InlineData(224, 3)]
    public void Flipping_twice_changes_nothing_and_once_mirrors_whole_pixels(int width, int channels)
    {
        ImageBuffer original = Images.Noise(width, 5, channels);
        ImageBuffer image = Images.Copy(original);
        HorizontalFlip flip = new(1);
        SampleRandom random = new(1, 0, 0, 0);

        flip.Apply(image, new AugmentationScratch(), ref random);
        for (int x = 0; x < width; x++)
        {
            Assert.Equal(
                original.Row(2).Slice(x * channels, channels).ToArray(),
                image.Row(2).Slice((width - 1 - x) * channels, channels).ToArray());
        }
        flip.Apply(image, new AugmentationScratch(), ref random);
        Assert.Equal(original.Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void Flip_happens_as_often_as_said()
    {
        HorizontalFlip flip = new(0.3);
        AugmentationScratch scratch = new();
        int flipped = 0;
        for (int i = 0; i < 100_000; i++)
        {
            ImageBuffer image = Images.Of(2, 1, 1, 1, 2);
            SampleRandom random = new(1, 0, i, 0);
            flip.Apply(image, scratch, ref random);
            flipped += image.Pixels[0] == 2 ? 1 : 0;
        }
        Assert.Equal(0.3, flipped / 100_000.0, 4 * Math.Sqrt(0.21 / 100_000));
    }

    [Theory]
    [InlineData(100, 60, 32, 53, 32)]
    [InlineData(60, 100, 32, 32, 53)]
    [InlineData(10, 10, 32, 32, 32)]
    public void ResizeShorterSide_keeps_the_shape(int width, int height, int size, int newWidth, int newHeight)
    {
        ImageBuffer result = new();
        SampleRandom random = new(1, 0, 0, 0);

        new ResizeShorterSide(size).Resample(
            Images.Noise(width, height, 3), result, new AugmentationScratch(), ref random);

        Assert.Equal((newWidth, newHeight), (result.Width, result.Height));
    }

    [Fact]
    public void CenterCrop_cuts_the_middle()
    {
        ImageBuffer original = Images.Noise(9, 6, 1);
        ImageBuffer image = Images.Copy(original);
        SampleRandom random = new(1, 0, 0, 0);
        AugmentationStep crop = new AugmentationRecipe(4, [new CenterCrop(4)], Normalize.HalfRange).Steps[0];

        crop.Apply(image, new AugmentationScratch(), ref random);

        Assert.Equal((4, 4), (image.Width, image.Height));
        Assert.Equal(original.Row(1).Slice(2, 4).ToArray(), image.Row(0).ToArray());
    }

    [Fact]
    public void Normalize_equals_its_formula_channel_by_channel()
    {
        ImageBuffer image = Images.Noise(6, 4, 3);
        double[] mean = [0.4, 0.5, 0.6], deviation = [0.2, 0.25, 0.3];
        float[] result = new float[72];

        new Normalize(mean, deviation).Apply(image, result);

        for (int i = 0; i < result.Length; i++) Assert.Equal(((image.Pixels[i] / 255.0) - mean[i % 3]) / deviation[i % 3], result[i], 1e-6);
    }

    [Fact]
    public void Normalize_with_one_mean_takes_grey_and_color_and_with_three_only_color()
    {
        Normalize three = new([0.4, 0.5, 0.6], [0.2, 0.25, 0.3]);
        Normalize.UnitRange.Apply(Images.Noise(2, 2, 3), new float[12]);
        Normalize.UnitRange.Apply(Images.Noise(2, 2, 1), new float[4]);

        Assert.Throws<ArgumentException>(() => three.Apply(Images.Noise(2, 2, 1), new float[4]));
        Assert.Throws<ArgumentException>(() => three.Apply(Images.Noise(2, 2, 3), new float[11]));
    }

    public static TheoryData<string, Action> BadParameters => new()
    {
        { "size", () => new RandomResizedCrop(0).ToString() },
        { "minimumArea", () => new RandomResizedCrop(28, 0).ToString() },
        { "minimumArea", () => new RandomResizedCrop(28, double.NaN).ToString() },
        { "maximumArea", () => new RandomResizedCrop(28, 0.5, 0.4).ToString() },
        { "maximumArea", () => new RandomResizedCrop(28, 0.5, 1.1).ToString() },
        { "minimumRatio", () => new RandomResizedCrop(28, minimumRatio: 0).ToString() },
        { "maximumRatio", () => new RandomResizedCrop(28, maximumRatio: 0.5).ToString() },
        { "probability", () => new HorizontalFlip(1.5).ToString() },
        { "probability", () => new HorizontalFlip(double.NaN).ToString() },
        { "brightness", () => new BrightnessContrast(-1).ToString() },
        { "contrast", () => new BrightnessContrast(contrast: double.PositiveInfinity).ToString() },
        { "probability", () => new BrightnessContrast(probability: -0.1).ToString() },
        { "size", () => new CenterCrop(-1).ToString() },
        { "size", () => new ResizeShorterSide(100_000).ToString() },
        { "mean", () => new Normalize([1, 2], [1, 2]).ToString() },
        { "mean", () => new Normalize(double.NaN, 1).ToString() },
        { "deviation", () => new Normalize([1, 2, 3], [1]).ToString() },
        { "deviation", () => new Normalize(0.5, 0).ToString() },
    };

    [Theory]
    [MemberData(nameof(BadParameters))]
    public void A_bad_parameter_is_named(string parameter, Action make) =>
        Assert.Equal(parameter, Assert.ThrowsAny<ArgumentException>(make).ParamName);

    [Fact]
    public void The_message_names_value_and_range()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new HorizontalFlip(1.5));

        Assert.StartsWith("Expected a probability from 0 to 1.", error.Message, StringComparison.Ordinal);
        Assert.Equal("1.5", error.ActualValue);
    }
}
