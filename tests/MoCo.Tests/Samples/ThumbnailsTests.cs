using MoCo.Imaging;
using Samples;

namespace MoCo.Tests.Samples;

public class ThumbnailsTests
{
    [Fact]
    public void However_many_images_a_page_shows_memory_is_taken_for_one()
    {
        const int Side = 2_000, Images = 10;
        Thumbnails thumbnails = new(64);
        thumbnails.Jpeg(image => image.Resize(8, 8, 3));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Images; i++) Assert.NotNull(thumbnails.Jpeg(image => image.Resize(Side, Side, 3)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 3 * Side * Side, (3 * Side * Side) + (2 << 20));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void A_reduced_image_has_the_means_of_squares(int channels)
    {
        ImageBuffer image = new(), reduced = new();
        image.Resize(31, 20, channels);
        new Random(1).NextBytes(image.Pixels);
        Assert.True(Thumbnails.Reduce(image, longerSide: 10, reduced));
        Assert.Equal((10, 6, channels), (reduced.Width, reduced.Height, reduced.Channels));
        for (int y = 0; y < 6; y++)
        {
            for (int x = 0; x < 10 * channels; x++)
            {
                int left = (3 * channels * (x / channels)) + (x % channels);
                double sum = 0;
                for (int i = 0; i < 9; i++) sum += image.Row((3 * y) + (i / 3))[left + (channels * (i % 3))];
                Assert.InRange(reduced.Row(y)[x], (sum / 9) - 0.51, (sum / 9) + 0.51);
            }
        }
        Assert.False(Thumbnails.Reduce(image, longerSide: 16, reduced));
    }
}
