using TorchSharp.Modules;

namespace MoCo.Encoders.Layers;

/// <summary>A convolution with a bias, computed in float32 or bfloat16; <c>weight</c> (O×I/groups×k×k) and <c>bias</c> are
/// float32.</summary>
internal sealed class BiasedConvolution : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly long[] strides;
    private readonly long[] padding;
    private readonly long groups;
    private readonly ScalarType type;

    public BiasedConvolution(
        int inputs, int outputs, int kernel, int stride, Precision precision, Action<Tensor> start, int padding = 0, int groups = 1)
        : base(nameof(BiasedConvolution))
    {
        (strides, this.padding, this.groups, type) = ([stride, stride], [padding, padding], groups, precision.Type());
        weight = Starting.With([outputs, inputs / groups, kernel, kernel], start);
        bias = Starting.With([outputs], values => values.zero_());
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.conv2d(input.to(type), weight.to(type), bias.to(type), strides, padding, groups: groups)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Keeps the weights as they begin: no gradient reaches them.</summary>
    public void Freeze()
    {
        weight.requires_grad_(false);
        bias.requires_grad_(false);
    }
}
