using TorchSharp.Modules;

namespace MoCo.Encoders.Layers;

/// <summary>Normalisation over the last dimension, in float32: <c>weight</c> and <c>bias</c> of C, ε 1e-6.</summary>
internal class LayerNormalization : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    private readonly Parameter weight;
    private readonly Parameter bias;

    public LayerNormalization(int features)
        : base(nameof(LayerNormalization))
    {
        weight = Starting.With([features], values => values.fill_(One));
        bias = Starting.With([features], values => values.zero_());
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor x = input.to(ScalarType.Float32);
        return nn.functional.layer_norm(x, weight.shape, weight, bias, Epsilon);
    }
}
