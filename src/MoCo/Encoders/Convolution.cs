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
    private readonly int sampling;
    private readonly long[] strides;
    private readonly long[] padding;
    private readonly ScalarType? half;

    public Convolution(int inputs, int outputs, int kernel, int stride, Precision precision, Generator generator)
        : base(nameof(Convolution))
    {
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
        if (weight.shape[2] > 1 && input.shape[2] == 1 && input.shape[3] == 1) return CenterTap(input);
        if (input.device_type == DeviceType.CUDA && (half is not null || input.dtype == weight.dtype)
            && PixelBlocks.Take(input, weight, strides[0]))
            return PixelBlocks.Convolve(input, weight, half ?? weight.dtype);
        if (sampling == 1) return Convolve(input);
        // Pooling over single pixels: unlike a slice's gradient, this one's keeps the channels-last layout.
        using Tensor pixels = nn.functional.avg_pool2d(input, 1, sampling);
        return Convolve(pixels);
    }

    /// <summary>Images of one pixel: all other taps lie on the padding.</summary>
    private Tensor CenterTap(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor taps = weight.permute(0, 2, 3, 1).flatten(1, 2); // O×k²×I, a view where the weight lies channels-last
        Tensor center = taps.select(1, taps.shape[1] / 2);
        Tensor pixels = input.flatten(1);
        if (half is ScalarType type) (center, pixels) = (center.to(type), pixels.to(type));
        return nn.functional.linear(pixels, center).unsqueeze(2).unsqueeze(3).MoveToOuterDisposeScope();
    }

    private Tensor Convolve(Tensor input)
    {
        if (half is not ScalarType type) return nn.functional.conv2d(input, weight, null, strides, padding);
        using Tensor x = input.to(type);
        using Tensor w = weight.to(type);
        return nn.functional.conv2d(x, w, null, strides, padding);
    }
}
