using MoCo.Encoders.ResNets;
using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>A bias-free 2-D convolution with one parameter <c>weight</c> (O×I×k×k), computed in float32, bfloat16 or float16. The master
/// weight is always float32: the cast is differentiable, so gradients arrive in float32.</summary>
internal sealed class Convolution : HookedLayer
{
    // oneDNN's 1×1 kernels keep a strided input's used pixels in a scratch memory of pixels × inputs, but the weights' gradient steps
    // through it by whole blocks of channels (up to 16): with fewer inputs, channels-last, it writes behind the end.
    private const int BlockOfChannels = 16;

    private readonly Parameter weight;
    private readonly int stride;
    private readonly int sampling;
    private readonly long[] strides;
    private readonly long[] padding;
    private readonly ScalarType? half;

    public Convolution(int inputs, int outputs, int kernel, int stride, Precision precision, Generator generator)
        : base(nameof(Convolution))
    {
        this.stride = stride;
        sampling = kernel == 1 && inputs < BlockOfChannels ? stride : 1;
        strides = [stride / sampling, stride / sampling];
        padding = [kernel / 2, kernel / 2];
        half = precision switch
        {
            Precision.BFloat16 => ScalarType.BFloat16,
            Precision.Float16 => ScalarType.Float16,
            _ => null,
        };

        // Kaiming normal over the fan out for ReLU, as torchvision's ResNet: std = √(2 / (O·k²)).
        Tensor values = empty(outputs, inputs, kernel, kernel).DetachFromDisposeScope();
        weight = new Parameter(values.normal_(0, Math.Sqrt(2.0 / ((long)outputs * kernel * kernel)), generator));
        RegisterComponents();
        GC.KeepAlive(generator);
    }

    /// <summary>O×I×k×k, float32.</summary>
    public Parameter Weight => weight;

    public override Tensor forward(Tensor input)
    {
        if (input.device_type == DeviceType.CUDA && (half is not null || input.dtype == weight.dtype)
            && PixelBlocks.Take(input, weight, stride))
            return PixelBlocks.Convolve(input, weight, half ?? weight.dtype);
        if (half is not ScalarType type) return Convolve(input, weight);
        using Tensor x = input.to(type);
        using Tensor w = weight.to(type);
        return Convolve(x, w);
    }

    /// <summary>Whether <see cref="Backward"/> is faster than autograd's.</summary>
    public bool HasBackward(Tensor input)
        => half is null && input.device_type == DeviceType.CPU && ConvolutionProducts.Take(input, weight, stride);

    /// <summary>Adds the weight's gradient.</summary>
    /// <param name="gradient">Of the result.</param>
    /// <param name="input">What was convolved.</param>
    /// <param name="isPassed">Whether the input's gradient is wanted.</param>
    /// <returns>The input's gradient, or null.</returns>
    public Tensor? Backward(Tensor gradient, Tensor input, bool isPassed)
        => ConvolutionProducts.Backward(gradient, input, weight, stride, isPassed);

    private Tensor Convolve(Tensor input, Tensor weight)
    {
        if (ConvolutionProducts.Take(input, weight, stride)) return ConvolutionProducts.Convolve(input, weight, stride);
        if (sampling == 1) return nn.functional.conv2d(input, weight, null, strides, padding);
        // Pooling over single pixels: unlike a slice's gradient, this one's keeps the channels-last layout.
        using Tensor pixels = nn.functional.avg_pool2d(input, 1, sampling);
        return nn.functional.conv2d(pixels, weight, null, strides, padding);
    }
}
