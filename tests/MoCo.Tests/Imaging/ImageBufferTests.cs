using MoCo.Imaging;

namespace MoCo.Tests.Imaging;

public sealed class ImageBufferTests
{
    [Fact]
    public void Memory_grows_and_never_shrinks()
    {
        ImageBuffer buffer = new();
        buffer.Resize(100, 100, 3);
        long before = GC.GetAllocatedBytesForCurrentThread();

        buffer.Resize(10, 20, 1);
        int small = buffer.Pixels.Length;
        buffer.Resize(100, 100, 3);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((200, 30_000), (small, buffer.Pixels.Length));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Exchange_swaps_images()
    {
        ImageBuffer a = new(), b = new();
        a.Resize(2, 1, 1);
        a.Pixels.Fill(7);
        b.Resize(1, 1, 3);
        b.Pixels.Fill(9);

        a.Exchange(b);

        Assert.Equal([9, 9, 9], a.Pixels.ToArray());
        Assert.Equal([7, 7], b.Row(0).ToArray());
        Assert.Equal((2, 1, 1), (b.Width, b.Height, b.Channels));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(50_000, 50_000, 1)]
    public void A_shape_that_is_no_image_s_is_refused(int width, int height, int channels) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageBuffer().Resize(width, height, channels));
}
