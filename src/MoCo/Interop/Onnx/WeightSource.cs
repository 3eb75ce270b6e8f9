using static TorchSharp.torch;

namespace MoCo.Interop.Onnx;

/// <summary>A module's weights by their dotted names, checked when they are first asked for: only what goes into the model has to be sound.</summary>
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
            throw new InvalidOperationException($"{name} is {weight.dtype}; expected {ScalarType.Float32}. Convert the encoder with .to({nameof(ScalarType)}.{ScalarType.Float32}) first.");
        // max keeps NaN, and so does the absolute value infinity.
        using Tensor magnitude = weight.abs();
        using Tensor largest = magnitude.max();
        if (!float.IsFinite(largest.item<float>()))
            throw new InvalidOperationException($"{name} holds {largest.item<float>()}; expected finite numbers. The training has diverged: export an earlier checkpoint.");
        return weight;
    }
}
