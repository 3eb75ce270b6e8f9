using MoCo.Imaging;
using MoCo.Imaging.Orientation;

namespace MoCo.Tests.Imaging;

public sealed class TurnTests
{
    // EXIF 2.3: where row 0 and column 0 of the file lie in the upright image.
    [Theory]
    [InlineData(1, 0, 0, false)]
    [InlineData(2, 1, 0, false)]
    [InlineData(3, 1, 1, false)]
    [InlineData(4, 0, 1, false)]
    [InlineData(5, 0, 0, true)]
    [InlineData(6, 1, 0, true)]
    [InlineData(7, 1, 1, true)]
    [InlineData(8, 0, 1, true)]
    public void Every_pixel_goes_where_the_orientation_says(int orientation, int fromRight, int fromBottom, bool transposed)
    {
        foreach ((int width, int height) in new[] { (1, 1), (5, 3), (70, 41), (32, 64) })
        {
            byte[] file = Enumerable.Range(0, width * height * 3).Select(i => (byte)(i * 31 % 251)).ToArray();
            ImageBuffer upright = new();
            Turn.Apply(file, width, height, orientation, upright);

            Assert.Equal(transposed ? (height, width) : (width, height), (upright.Width, upright.Height));
            for (int row = 0; row < height; row++)
            {
                for (int column = 0; column < width; column++)
                {
                    (int x, int y) = transposed ? (row, column) : (column, row);
                    x = fromRight == 1 ? upright.Width - 1 - x : x;
                    y = fromBottom == 1 ? upright.Height - 1 - y : y;
                    Assert.True(
                        upright.Row(y).Slice(x * 3, 3).SequenceEqual(file.AsSpan(((row * width) + column) * 3, 3)),
                        $"{width}×{height}, row {row}, column {column}");
                }
            }
        }
    }
}
