using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

public sealed class PixelBlocksTests
{
    [Theory]
    [InlineData(3, 8, 12)]
    [InlineData(1, 2, 2)]
    [InlineData(4, 6, 10)]
    public void The_convolution_and_its_gradient_are_those_over_pixels(int channels, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        Tensor images = randn([2, channels, height, width], ScalarType.Float64), weight = randn([5, channels, 7, 7], ScalarType.Float64);
        Tensor plain = weight.clone().requires_grad_(), other = weight.clone().requires_grad_();
        Assert.True(PixelBlocks.Take(images, weight, 2));
        Tensor expected = nn.functional.conv2d(images, plain, null, [2L, 2L], [3L, 3L]);
        Tensor found = PixelBlocks.Convolve(images, other, ScalarType.Float64), gradient = randn_like(expected);
        expected.backward([gradient]);
        found.backward([gradient]);
        Assert.True(expected.allclose(found, 1e-12, 1e-12));
        Assert.True(plain.grad!.allclose(other.grad!, 1e-12, 1e-12));
        Assert.Equal([5L, channels, 7, 7], other.grad!.shape);
    }

    [Theory]
    [InlineData(3, 7, 2, 16, true)]
    [InlineData(3, 7, 2, 15, false)] // half a block
    [InlineData(3, 3, 2, 16, false)] // CIFAR's stem
    [InlineData(3, 7, 1, 16, false)]
    [InlineData(64, 7, 2, 16, false)]
    public void What_is_no_stem_is_left(int channels, int kernel, int stride, int size, bool expected)
    {
        using Tensor images = zeros(2, channels, size, size), weight = zeros(8, channels, kernel, kernel);
        Assert.Equal(expected, PixelBlocks.Take(images, weight, stride));
        images.requires_grad_();
        Assert.False(PixelBlocks.Take(images, weight, stride));
    }
}
