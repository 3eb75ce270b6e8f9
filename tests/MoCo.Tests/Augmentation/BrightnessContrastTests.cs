using MoCo.Augmentation;
using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Tests.Augmentation.Color;

namespace MoCo.Tests.Augmentation;

public sealed class BrightnessContrastTests
{
    [Fact]
    public void Brightness_multiplies_truncates_and_cuts_at_255()
    {
        ImageBuffer image = Images.Of(4, 1, 1, 0, 3, 100, 200);

        Change(image, ColorOperationKind.Brightness, 1.5);

        Assert.Equal([0, 4, 150, 255], image.Pixels.ToArray());
    }

    [Fact]
    public void Contrast_blends_with_the_rounded_mean()
    {
        // Mean 75.75, rounded 76: 76 + ½·(v − 76), truncated.
        ImageBuffer image = Images.Of(4, 1, 1, 0, 3, 100, 200);

        Change(image, ColorOperationKind.Contrast, 0.5);

        Assert.Equal([38, 39, 88, 138], image.Pixels.ToArray());
    }

    [Fact]
    public void Contrast_of_color_blends_with_the_mean_of_its_luma()
    {
        // Luma of pure red, green, blue: 76, 150, 29; mean 85.
        ImageBuffer image = Images.Of(3, 1, 3, 255, 0, 0, 0, 255, 0, 0, 0, 255);

        Change(image, ColorOperationKind.Contrast, 0);

        Assert.Equal(-1, image.Pixels.IndexOfAnyExcept((byte)85));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(40_000)]
    public void The_mean_of_any_number_of_pixels_is_exact(int count)
    {
        ImageBuffer image = Images.Noise(count, 1, 1);
        int mean = (int)(image.Pixels.ToArray().Average(value => (double)value) + 0.5);

        Change(image, ColorOperationKind.Contrast, 0);

        Assert.Equal(-1, image.Pixels.IndexOfAnyExcept((byte)mean));
    }

    [Fact]
    public void Factors_are_even_in_one_minus_to_one_plus_the_strength_and_applied_as_often_as_said()
    {
        BrightnessContrast step = new(0.4, 0, 0.8);
        AugmentationScratch scratch = new();
        const int Draws = 20_000;
        int unchanged = 0;
        int low = 0;
        for (int i = 0; i < Draws; i++)
        {
            SampleRandom random = new(1, 0, i, 0);
            ImageBuffer image = Images.Of(1, 1, 1, 100);
            step.Apply(image, scratch, ref random);
            Assert.InRange(image.Pixels[0], 59, 140);
            unchanged += image.Pixels[0] == 100 ? 1 : 0;
            low += image.Pixels[0] is >= 60 and < 80 ? 1 : 0;
        }
        // 20 % untouched plus one grey level of the 80 other; a quarter of those applied lies in the lowest quarter.
        Assert.Equal(0.2 + (0.8 / 80), (double)unchanged / Draws, 0.015);
        Assert.Equal(0.8 / 4, (double)low / Draws, 0.015);
    }

    [Fact]
    public void Strength_zero_changes_nothing()
    {
        ImageBuffer image = Images.Noise(28, 28, 3);
        byte[] before = image.Pixels.ToArray();
        SampleRandom random = new(1, 0, 0, 0);

        Images.Apply(new BrightnessContrast(0, 0, 1), image, ref random);

        Assert.Equal(before, image.Pixels.ToArray());
    }

    private static void Change(ImageBuffer image, ColorOperationKind kind, double factor) =>
        ColorFixture.Program(ColorLanes.Widest, new ColorOperation(kind, factor)).Run(image);
}
