using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

public sealed class ConvolutionTests
{
    /// <summary>oneDNN's gradient of strided 1×1 weights writes behind its memory where there are fewer than 16 inputs: three runs of three
    /// crashed.</summary>
    [Fact]
    public void Narrow_networks_learn_with_two_threads_from_batches_of_odd_size()
    {
        (int exitCode, _, string errors) = OwnProgram.Run(heapLimit: 0, NarrowNetworksProgram.Name);
        Assert.True(exitCode == 0, $"the program ended with {exitCode}: {errors}");
    }

    [Theory]
    [InlineData(4, 32, Precision.Float32)]
    [InlineData(8, 7, Precision.Float32)]
    [InlineData(15, 1, Precision.Float32)]
    [InlineData(12, 14, Precision.BFloat16)]
    [InlineData(16, 14, Precision.Float32)]
    public void A_strided_1x1_convolution_of_few_channels_has_the_outputs_gradients_and_layout_of_any_other(
        int channels, int size, Precision precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Convolution convolution = new(channels, 24, 1, 2, precision, generator);
        Tensor weight = convolution.parameters().Single();
        Tensor values = randn([3, channels, size, size], generator: generator), wide = values.clone().requires_grad_();
        Tensor input = ChannelsLast.Make(values).requires_grad_();

        Tensor expected = nn.functional.conv2d(wide, weight, null, [2L, 2L]);
        Tensor slope = randn(expected.shape, generator: generator);
        (expected * slope).sum().backward();
        Tensor weightGradient = weight.grad!.clone();
        weight.grad.zero_();
        Tensor output = convolution.call(input);
        (output * slope).sum().backward();

        double tolerance = precision == Precision.BFloat16 ? 0.05 : 1e-5;
        Fixture.Near(expected, output.to(ScalarType.Float32), tolerance, "output");
        Fixture.Near(wide.grad!, input.grad!, tolerance, "gradient of the input");
        Fixture.Near(weightGradient, weight.grad!, 10 * tolerance, "gradient of the weight");
        Assert.True(size == 1 || (ChannelsLast.Is(output) && ChannelsLast.Is(input.grad!)), "the layout changed");
    }

    [Theory]
    [InlineData(3, 1, Precision.Float32)]
    [InlineData(3, 2, Precision.Float32)]
    [InlineData(7, 2, Precision.Float32)]
    [InlineData(3, 1, Precision.BFloat16)]
    public void Images_of_one_pixel_have_the_outputs_and_gradients_of_any_other(int kernel, int stride, Precision precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Convolution convolution = new(20, 24, kernel, stride, precision, generator);
        Tensor weight = convolution.parameters().Single();
        Tensor values = randn([5, 20, 1, 1], generator: generator), plain = values.clone().requires_grad_();
        Tensor input = values.requires_grad_();

        Tensor expected = nn.functional.conv2d(plain, weight, null, [stride, stride], [kernel / 2, kernel / 2]);
        Tensor slope = randn(expected.shape, generator: generator);
        (expected * slope).sum().backward();
        Tensor weightGradient = weight.grad!.clone();
        weight.grad.zero_();
        Tensor output = convolution.call(input);
        (output * slope).sum().backward();

        double tolerance = precision == Precision.BFloat16 ? 0.05 : 1e-5;
        Assert.Equal(precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32, output.dtype);
        Assert.Equal(expected.shape, output.shape);
        Fixture.Near(expected, output.to(ScalarType.Float32), tolerance, "output");
        Fixture.Near(plain.grad!, input.grad!, tolerance, "gradient of the input");
        Fixture.Near(weightGradient, weight.grad!, 10 * tolerance, "gradient of the weight");
    }
}
