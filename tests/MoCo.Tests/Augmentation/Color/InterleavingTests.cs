using MoCo.Augmentation.Color;

namespace MoCo.Tests.Augmentation.Color;

public sealed class InterleavingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(193)]
    public void Pixels_fall_into_planes_and_come_back(int count)
    {
        Span<byte> pixels = Images.Noise(count, 1, 3).Pixels;
        byte[] red = new byte[count], green = new byte[count], blue = new byte[count], back = new byte[3 * count];

        Interleaving.Split(pixels, red, green, blue);
        Interleaving.Join(red, green, blue, back);

        for (int i = 0; i < count; i++)
            Assert.Equal((pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]), (red[i], green[i], blue[i]));
        Assert.Equal(pixels.ToArray(), back);
    }
}
