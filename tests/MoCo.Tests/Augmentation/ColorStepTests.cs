using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class ColorStepTests
{
    private static readonly AugmentationStep[] Steps =
    [
        new RandomGrayscale(0.3),
        new ColorJitter(0.4, 0.4, 0.4, 0.2, 0.9),
        new Solarize(100, 0.5),
        new BrightnessContrast(0.2, 0.3, 0.5),
        new ColorJitter(0.8, 0.8, 0.8, 0),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Steps_done_together_leave_what_they_leave_one_by_one(int channels)
    {
        const int Side = 45;
        ImageBuffer original = Images.Noise(Side, Side, channels);
        AugmentationRecipe recipe = new(Side, Steps, Normalize.UnitRange);
        (AugmentationScratch? together, AugmentationScratch? apart) = (new AugmentationScratch(), new AugmentationScratch());
        for (int i = 0; i < 30; i++)
        {
            SampleRandom random = new(1, 0, i, 0);
            SampleRandom again = random;
            ImageBuffer image = Images.Copy(original);
            foreach (AugmentationStep step in Steps) step.Apply(image, apart, ref again);

            Assert.Equal(image.Pixels.ToArray(), recipe.Augment(original, together, ref random).Pixels.ToArray());
        }
    }

    [Fact]
    public void An_own_step_sees_what_the_color_steps_before_it_left()
    {
        AugmentationRecipe recipe = new(8, [new Solarize(0, 1), new AssertValue(155), new Solarize(0, 1)], Normalize.UnitRange);
        ImageBuffer image = Images.Of(8, 8, 1, [.. Enumerable.Repeat((byte)100, 64)]);
        SampleRandom random = new(1, 0, 0, 0);

        ImageBuffer view = recipe.Augment(image, new AugmentationScratch(), ref random);

        Assert.Equal(-1, view.Pixels.IndexOfAnyExcept((byte)100));
    }

    [Fact]
    public void Solarize_inverts_from_the_threshold_up()
    {
        ImageBuffer image = Images.Of(4, 1, 1, 0, 127, 128, 255);
        SampleRandom random = new(1, 0, 0, 0);

        Images.Apply(new Solarize(128, 1), image, ref random);

        Assert.Equal([0, 127, 127, 0], image.Pixels.ToArray());
    }

    [Fact]
    public void RandomGrayscale_leaves_three_equal_channels_and_a_grey_image_as_it_is()
    {
        (ImageBuffer? color, ImageBuffer? grey) = (Images.Of(1, 1, 3, 255, 0, 0), Images.Noise(9, 9, 1));
        byte[] before = grey.Pixels.ToArray();
        SampleRandom random = new(1, 0, 0, 0);

        Images.Apply(new RandomGrayscale(1), color, ref random);
        Images.Apply(new RandomGrayscale(1), grey, ref random);

        Assert.Equal([76, 76, 76], color.Pixels.ToArray());
        Assert.Equal(before, grey.Pixels.ToArray());
    }

    [Fact]
    public void Steps_happen_as_often_as_said_and_say_so()
    {
        const int Draws = 20_000;
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch scratch = new() { Trace = trace };
        AugmentationStep[] steps = [new RandomGrayscale(0.2), new Solarize(77, 0.35), new BrightnessContrast(0.1, 0.1, 0.6)];
        ImageBuffer image = Images.Of(1, 1, 3, 1, 2, 3);
        for (int i = 0; i < Draws; i++)
        {
            SampleRandom random = new(2, 0, i, 0);
            foreach (AugmentationStep step in steps) step.Apply(image, scratch, ref random);
        }
        ChiSquare.AssertProbability(0.2, Count("RandomGrayscale", "grey"), Draws);
        ChiSquare.AssertProbability(0.35, Count("Solarize", "from 77 up"), Draws);
        ChiSquare.AssertProbability(0.6, Count("BrightnessContrast", "brightness ×"), Draws);

        int Count(string name, string drawn) =>
            trace.Count(entry => entry.Step == name && entry.Drawn.Contains(drawn, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("brightness", -0.1, 0, 0, 0, 1)]
    [InlineData("contrast", 0, double.NaN, 0, 0, 1)]
    [InlineData("saturation", 0, 0, double.PositiveInfinity, 0, 1)]
    [InlineData("hue", 0, 0, 0, 0.51, 1)]
    [InlineData("probability", 0, 0, 0, 0, 1.1)]
    public void A_bad_strength_is_named(
        string parameter, double brightness, double contrast, double saturation, double hue, double probability) =>
        Assert.Equal(
            parameter,
            Assert.Throws<ArgumentOutOfRangeException>(() => new ColorJitter(
                brightness, contrast, saturation, hue, probability)).ParamName);

    [Fact]
    public void A_bad_threshold_or_probability_is_named()
    {
        Assert.Equal("threshold", Assert.Throws<ArgumentOutOfRangeException>(() => new Solarize(257)).ParamName);
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() => new Solarize(0, -1)).ParamName);
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() => new RandomGrayscale(2)).ParamName);
    }

    private sealed class AssertValue(byte value) : AugmentationStep
    {
        public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random) =>
            Assert.Equal(-1, image.Pixels.IndexOfAnyExcept(value));
    }
}
