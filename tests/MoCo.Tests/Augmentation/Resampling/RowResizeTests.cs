using System.Drawing;
using MoCo.Augmentation.Resampling;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation.Resampling;

public sealed unsafe class RowResizeTests
{
    [Theory]
    [InlineData(500, 224)]
    [InlineData(167, 224)]
    [InlineData(3, 50)]
    [InlineData(1, 9)]
    [InlineData(90, 1)]
    [InlineData(1000, 31)]
    [InlineData(700, 7)]
    [InlineData(40, 8)]
    public void Vectors_give_the_bytes_of_the_scalar_path(int input, int output)
    {
        RowResize rows = new();
        rows.Prepare(ResampleSpan.Whole(input), output);
        byte[] row = new byte[(3 * input) + RowResize.Margin];
        Images.Noise(input, 1, 3).Pixels.CopyTo(row);
        // What lies behind the row must not matter.
        row.AsSpan(3 * input).Fill(255);
        byte[] vectors = new byte[RowResize.Room(output, 3)], scalar = new byte[3 * output];
        fixed (byte* from = row, first = vectors, second = scalar)
        {
            rows.Resize(from, first, 3);
            rows.ResizeScalar(from, second);
        }
        Assert.Equal(scalar, vectors[..(3 * output)]);
    }

    [Fact]
    public void A_channel_of_a_color_row_is_resized_as_a_grey_row()
    {
        ImageBuffer image = Images.Noise(91, 1, 3);
        ImageBuffer green = new(), color = new(), grey = new();
        green.Resize(91, 1, 1);
        for (int x = 0; x < 91; x++) green.Pixels[x] = image.Pixels[(3 * x) + 1];
        BilinearResampler resampler = new();

        resampler.Resize(image, new Rectangle(0, 0, 91, 1), color, 37, 1);
        resampler.Resize(green, new Rectangle(0, 0, 91, 1), grey, 37, 1);

        for (int x = 0; x < 37; x++) Assert.Equal(color.Pixels[(3 * x) + 1], grey.Pixels[x]);
    }
}
