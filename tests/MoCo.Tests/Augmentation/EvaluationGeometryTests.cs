using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

/// <summary>ResizeShorterSide and CenterCrop against torchvision's Resize and CenterCrop.</summary>
public sealed class EvaluationGeometryTests
{
    [Fact]
    public void Photographs_become_torchvisions_views()
    {
        foreach (JsonElement view in GeometryFixture.Read("evaluation.json").GetProperty("views").EnumerateArray())
        {
            (int resize, int crop) = (view.GetProperty("resize").GetInt32(), view.GetProperty("crop").GetInt32());
            ImageBuffer image = GeometryFixture.Image(view.GetProperty("image"));

            Apply(new ResizeShorterSide(resize), image);
            Apply(new CenterCrop(crop), image);

            GeometryFixture.Near(GeometryFixture.Image(view.GetProperty("result")), image, 0.35, 1, $"{resize}, {crop}");
        }
    }

    [Fact]
    public void Sizes_are_torchvisions()
    {
        IEnumerable<int[]> sizes =
            GeometryFixture.Read("evaluation.json").GetProperty("sizes").EnumerateArray().Select(GeometryFixture.Integers);
        foreach (int[] entry in sizes)
        {
            ImageBuffer image = new();
            image.Resize(entry[0], entry[1], 1);
            Apply(new ResizeShorterSide(entry[2]), image);
            Assert.Equal((entry[3], entry[4]), (image.Width, image.Height));
        }
    }

    [Fact]
    public void Offsets_and_borders_are_torchvisions()
    {
        foreach (JsonElement entry in GeometryFixture.Read("evaluation.json").GetProperty("crops").EnumerateArray())
        {
            (int width, int height, int size) = (entry[0].GetInt32(), entry[1].GetInt32(), entry[2].GetInt32());
            ImageBuffer image = Images.Of(width, height, 1, [.. Enumerable.Range(1, width * height).Select(value => (byte)value)]);
            Apply(new CenterCrop(size), image);
            Assert.Equal(GeometryFixture.Integers(entry[3]), image.Pixels.ToArray().Select(value => (int)value));
        }
    }

    [Fact]
    public void Steps_say_what_they_did()
    {
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch scratch = new() { Trace = trace };
        SampleRandom random = new(1, 0, 0, 0);
        AugmentationStep[] steps = [
            new RandomResizedCrop(50, 1, 1, 1.25, 1.25), new ResizeShorterSide(60), new CenterCrop(40), new HorizontalFlip(1),
            new HorizontalFlip(0)];
        ImageBuffer image = Images.Noise(50, 40, 3);
        foreach (AugmentationStep step in steps) step.Apply(image, scratch, ref random);

        (string, string)[] expected =
        [
            ("RandomResizedCrop", "50×40 at (0, 0)"),
            ("ResizeShorterSide", "to 60×60"),
            ("CenterCrop", "40×40 at (10, 10)"),
            ("HorizontalFlip", "mirrored"),
        ];
        Assert.Equal(expected, trace);
    }

    [Theory]
    [InlineData(20_000, 1)]
    [InlineData(2, 20_001)]
    public void Of_an_image_that_would_outgrow_memory_the_middle_is_taken_and_a_centre_crop_is_the_same(int width, int height)
    {
        ImageBuffer image = Images.Noise(width, height, 3);
        // As much of it as the crop sees and the filter reaches, and a little more.
        (int left, int top) = (Math.Max(0, (width / 2) - 10), Math.Max(0, (height / 2) - 10));
        ImageBuffer middle = new();
        middle.Resize(width > 20 ? width - (2 * left) : width, height > 20 ? height - (2 * top) : height, 3);
        for (int y = 0; y < middle.Height; y++) image.Row(y + top).Slice(3 * left, 3 * middle.Width).CopyTo(middle.Row(y));

        Apply(new ResizeShorterSide(224), image);

        Assert.InRange(image.Pixels.Length, 1 << 26, 1 << 27);
        Apply(new CenterCrop(224), image);
        Apply(new ResizeShorterSide(224), middle);
        Apply(new CenterCrop(224), middle);
        GeometryFixture.Near(middle, image, 0.01, 1, $"{width}×{height}");
    }

    private static void Apply(AugmentationStep step, ImageBuffer image)
    {
        SampleRandom random = new(1, 0, 0, 0);
        step.Apply(image, new AugmentationScratch(), ref random);
    }
}
