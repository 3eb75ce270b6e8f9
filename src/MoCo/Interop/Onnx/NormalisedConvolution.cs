using TorchSharp;
using static MoCo.Tensors.HeldScalars;
using static TorchSharp.torch;

namespace MoCo.Interop.Onnx;

/// <summary>
/// A bias-free convolution and the BatchNorm after it as one convolution with a bias. In evaluation mode the norm is
/// y = γ·(x − μ)/√(σ² + ε) + β, so with s = γ/√(σ² + ε) the weights become s·W and the bias β − s·μ. Computed in float64,
/// so that folding rounds once.
/// </summary>
internal sealed class NormalisedConvolution(WeightSource weights, string convolution, string norm, double epsilon)
{
    private readonly Tensor weight = weights.Get(convolution + ".weight"); // O×I×k×k
    private readonly Tensor gamma = weights.Get(norm + ".weight"), beta = weights.Get(norm + ".bias");
    private readonly Tensor mean = weights.Get(norm + ".running_mean"), variance = weights.Get(norm + ".running_var");

    public long[] Shape => weight.shape;

    public Tensor FoldedWeight() => (weight.to(ScalarType.Float64) * Scale().reshape(-1, 1, 1, 1)).to(ScalarType.Float32);

    public Tensor FoldedBias() => (beta.to(ScalarType.Float64) - mean.to(ScalarType.Float64) * Scale()).to(ScalarType.Float32);

    private Tensor Scale()
    {
        using Scalar added = epsilon.ToScalar();
        return gamma.to(ScalarType.Float64) / variance.to(ScalarType.Float64).add(added, One).sqrt();
    }
}
