namespace MoCo.Interop.Onnx;

/// <summary>A module's weights by their dotted names, checked when asked for: only what goes into the model has to be sound.</summary>
internal sealed class WeightSource(nn.Module root)
{
    private readonly Dictionary<string, Tensor> state = root.state_dict();

    public bool Has(string name) => state.ContainsKey(name);

    /// <summary>A float32 tensor of finite numbers, on its device; it belongs to the module.</summary>
    /// <exception cref="InvalidOperationException">The tensor is disposed, not float32, or holds NaN or infinity.</exception>
    public Tensor Get(string name)
    {
        if (!state.TryGetValue(name, out Tensor? weight) || weight.IsInvalid)
            throw new InvalidOperationException($"{name} is gone; the encoder was disposed before its export.");
        if (weight.dtype != ScalarType.Float32)
        {
            throw new InvalidOperationException($"{name} is {weight.dtype}; expected {ScalarType.Float32}. "
                + $"Convert the encoder with .to({nameof(ScalarType)}.{ScalarType.Float32}) first.");
        }
        // max keeps NaN, and so does the absolute value infinity.
        using Tensor magnitude = weight.abs();
        using Tensor largest = magnitude.max();
        if (float.IsFinite(largest.item<float>())) return weight;
        throw new InvalidOperationException(
            Invariant($"{name} holds {largest.item<float>()}; expected finite numbers. ")
                + "The training has diverged: export an earlier checkpoint.");
    }
}

/// <summary>A bias-free convolution and the BatchNorm after it as one convolution with a bias. In evaluation mode the norm is y = γ·(x −
/// μ)/√(σ² + ε) + β, so with s = γ/√(σ² + ε) the weights become s·W and the bias β − s·μ. Computed in float64, so that folding rounds
/// once.</summary>
internal sealed class FoldedConvolution(WeightSource weights, string convolution, string norm)
{
    private const double Epsilon = 1e-5; // of every BatchNorm that a ResNet makes
    private readonly Tensor weight = weights.Get(convolution + ".weight"); // O×I×k×k
    private readonly Tensor gamma = weights.Get(norm + ".weight"), beta = weights.Get(norm + ".bias");
    private readonly Tensor mean = weights.Get(norm + ".running_mean"), variance = weights.Get(norm + ".running_var");

    public long[] Shape => weight.shape;

    public Tensor Weight() => (weight.to(ScalarType.Float64) * Scale().reshape(-1, 1, 1, 1)).to(ScalarType.Float32);

    public Tensor Bias() => (beta.to(ScalarType.Float64) - mean.to(ScalarType.Float64) * Scale()).to(ScalarType.Float32);

    private Tensor Scale()
    {
        using Scalar added = Epsilon.ToScalar();
        return gamma.to(ScalarType.Float64) / variance.to(ScalarType.Float64).add(added, One).sqrt();
    }
}
