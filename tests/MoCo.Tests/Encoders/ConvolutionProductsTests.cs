using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

public sealed class ConvolutionProductsTests
{
    [Theory]
    [InlineData(1, 4, 5, 1)]
    [InlineData(1, 5, 4, 2)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(3, 1, 1, 2)]
    [InlineData(3, 2, 2, 1)]
    [InlineData(3, 2, 2, 2)]
    [InlineData(3, 1, 2, 1)] // not square
    [InlineData(3, 2, 1, 2)]
    [InlineData(7, 4, 3, 1)]
    [InlineData(7, 4, 4, 2)]
    public void The_product_and_its_gradients_are_the_convolutions(int kernel, int height, int width, int stride)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        Tensor images = randn([3, height, width, 6], ScalarType.Float64).permute(0, 3, 1, 2);
        Tensor weight = randn([5, kernel, kernel, 6], ScalarType.Float64).permute(0, 3, 1, 2);
        (Tensor Images, Tensor Weight) plain = (images.clone().requires_grad_(), weight.clone().requires_grad_());
        (images, weight) = (images.detach().requires_grad_(), weight.detach().requires_grad_());
        Assert.True(ConvolutionProducts.Take(images, weight, stride));

        Tensor expected = nn.functional.conv2d(plain.Images, plain.Weight, null, [stride, stride], [kernel / 2, kernel / 2]);
        Tensor found = ConvolutionProducts.Convolve(images, weight, stride), slope = randn_like(expected);
        expected.backward([slope]);
        found.backward([slope]);

        Assert.Equal(expected.shape, found.shape);
        Assert.True(found.permute(0, 2, 3, 1).is_contiguous(), "the result is not channels-last");
        Assert.True(expected.allclose(found, 1e-12, 1e-12));
        Assert.True(plain.Images.grad!.allclose(images.grad!, 1e-12, 1e-12), "gradient of the images");
        Assert.True(plain.Weight.grad!.allclose(weight.grad!, 1e-12, 1e-12), "gradient of the weight");

        // Its own backward adds to what is there.
        Parameter parameter = new(weight.detach(), requires_grad: true);
        parameter.grad = ones_like(parameter);
        Assert.Null(ConvolutionProducts.Backward(slope, images.detach(), parameter, stride, isPassed: false));
        using Tensor? passed = ConvolutionProducts.Backward(slope, images.detach(), parameter, stride, isPassed: true);
        Assert.True(passed!.allclose(images.grad!, 1e-12, 1e-12), "own gradient of the images");
        Assert.True(parameter.grad!.allclose(ones_like(parameter).Plus(weight.grad!.Times(2)), 1e-12, 1e-12), "own of the weight");
    }

    [Theory]
    [InlineData(3, 1, 2, 3, false)] // a pixel that an output pixel does not see
    [InlineData(7, 2, 5, 4, false)]
    [InlineData(1, 1, 64, 32, true)] // 4 × 2,048 pixels
    [InlineData(1, 1, 64, 33, false)]
    public void Others_are_left_to_oneDNN(int kernel, int stride, int height, int width, bool expected)
    {
        using Tensor images = zeros(4, 8, height, width), weight = zeros(2, 8, kernel, kernel);
        Assert.Equal(expected, ConvolutionProducts.Take(images, weight, stride));
    }
}
