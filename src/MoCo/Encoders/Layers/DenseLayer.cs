using TorchSharp.Modules;

namespace MoCo.Encoders.Layers;

/// <summary>A linear layer, <c>weight</c> (O×I) and <c>bias</c>, computed in float32 or bfloat16; the master weights are always
/// float32.</summary>
internal sealed class DenseLayer : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly ScalarType type;

    /// <param name="inputs">I.</param>
    /// <param name="outputs">O.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="start">Draws the initial weight; the bias begins with zeros.</param>
    public DenseLayer(int inputs, int outputs, Precision precision, Action<Tensor> start)
        : base(nameof(DenseLayer))
    {
        type = precision.Type();
        weight = Starting.With([outputs, inputs], start);
        bias = Starting.With([outputs], values => values.zero_());
        RegisterComponents();
    }

    /// <summary>O×I.</summary>
    public Parameter Weight => weight;

    /// <summary>O.</summary>
    public Parameter Bias => bias;

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.linear(input.to(type), weight.to(type), bias.to(type)).MoveToOuterDisposeScope();
    }
}
