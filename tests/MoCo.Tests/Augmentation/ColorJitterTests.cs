using MoCo.Augmentation;
using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation;

public sealed class ColorJitterTests
{
    private const int Draws = 100_000;

    private static readonly ColorJitter Jitter = new(0.4, 0.3, 1.5, 0.1, 0.8);

    [Fact]
    public void All_orders_of_the_four_operations_are_equally_likely()
    {
        Dictionary<(
            ColorOperationKind, ColorOperationKind, ColorOperationKind,
            ColorOperationKind), int> counts = new();
        for (int i = 0; i < Draws; i++)
        {
            ColorJitterDraw draw = Draw(i);
            Assert.Equal(4, draw.Count);
            (
                ColorOperationKind, ColorOperationKind, ColorOperationKind,
                ColorOperationKind) order = (draw[0].Kind, draw[1].Kind, draw[2].Kind, draw[3].Kind);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        ChiSquare.AssertEven([.. counts.Values]);
    }

    [Theory]
    [InlineData(nameof(ColorOperationKind.Brightness), 0.6, 1.4)]
    [InlineData(nameof(ColorOperationKind.Contrast), 0.7, 1.3)]
    [InlineData(nameof(ColorOperationKind.Saturation), 0.0, 2.5)]
    [InlineData(nameof(ColorOperationKind.Hue), -0.1, 0.1)]
    public void Amounts_are_even_in_torchvisions_ranges(string kind, double low, double high)
    {
        int[] counts = new int[50];
        for (int i = 0; i < Draws; i++)
        {
            ColorJitterDraw draw = Draw(i);
            for (int place = 0; place < draw.Count; place++)
            {
                if (draw[place].Kind.ToString() == kind)
                    counts[(int)Math.Floor((draw[place].Amount - low) / (high - low) * counts.Length)]++;
            }
        }
        Assert.Equal(Draws, counts.Sum());
        ChiSquare.AssertEven(counts);
    }

    [Fact]
    public void Order_and_amounts_are_independent()
    {
        int[] counts = new int[4 * 10];
        for (int i = 0; i < Draws; i++)
        {
            ColorJitterDraw draw = Draw(i);
            for (int place = 0; place < 4; place++)
            {
                if (draw[place].Kind == ColorOperationKind.Brightness)
                    counts[(place * 10) + (int)((draw[place].Amount - 0.6) / 0.8 * 10)]++;
            }
        }
        ChiSquare.AssertEven(counts);
    }

    [Fact]
    public void A_strength_of_zero_leaves_its_operation_out()
    {
        SampleRandom random = new(1, 0, 0, 0);

        ColorJitterDraw draw = new ColorJitter(0.4, 0, 0, 0.1).Draw(ref random);

        Assert.Equal(2, draw.Count);
        Assert.Equal([ColorOperationKind.Brightness, ColorOperationKind.Hue], new[] { draw[0].Kind, draw[1].Kind }.Order());
    }

    [Fact]
    public void The_hue_shift_is_torchvisions_conversion_to_a_byte()
    {
        // np.uint8(factor · 255): truncated towards zero, then modulo 256.
        Assert.Equal(0, Shift(0.0039));
        Assert.Equal(25, Shift(0.1));
        Assert.Equal(231, Shift(-0.1));
        Assert.Equal(127, Shift(0.5));
        Assert.Equal(129, Shift(-0.5));

        static int Shift(double turns) => new ColorOperation(ColorOperationKind.Hue, turns).HueSteps;
    }

    [Fact]
    public void It_is_applied_as_often_as_said()
    {
        List<(string Step, string Drawn)> trace = [];
        AugmentationScratch scratch = new() { Trace = trace };
        ImageBuffer image = Images.Of(1, 1, 1, 100);
        for (int i = 0; i < 20_000; i++)
        {
            SampleRandom random = new(5, 0, i, 0);
            Jitter.Apply(image, scratch, ref random);
        }
        ChiSquare.AssertProbability(0.8, trace.Count, 20_000);
    }

    [Fact]
    public void Grey_images_change_as_their_color_copies_do()
    {
        ImageBuffer grey = Images.Noise(37, 21, 1);
        ImageBuffer color = new();
        color.Resize(37, 21, 3);
        for (int i = 0; i < color.Pixels.Length; i++) color.Pixels[i] = grey.Pixels[i / 3];
        (SampleRandom random, SampleRandom again) = (new SampleRandom(3, 0, 0, 0), new SampleRandom(3, 0, 0, 0));
        ColorJitter jitter = new(0.4, 0.4, 0.4, 0.4);

        Images.Apply(jitter, grey, ref random);
        Images.Apply(jitter, color, ref again);

        for (int i = 0; i < color.Pixels.Length; i++) Assert.Equal(grey.Pixels[i / 3], color.Pixels[i]);
    }

    [Fact]
    public void The_trace_tells_order_and_amounts()
    {
        ColorJitterDraw draw = default(ColorJitterDraw);
        draw.Add(ColorOperationKind.Contrast, 1.124);
        draw.Add(ColorOperationKind.Hue, -0.0312);

        Assert.Equal("contrast ×1.12, hue -0.031", draw.ToString());
    }

    private static ColorJitterDraw Draw(int index)
    {
        SampleRandom random = new(11, 0, index, 0);
        return Jitter.Draw(ref random);
    }
}
