namespace MoCo.Evaluation.FineTuning;

/// <summary>Gives a module the weights of another of the same architecture.</summary>
internal static class WeightCopy
{
    /// <summary>Copies parameters and buffers, all or none.</summary>
    /// <exception cref="ArgumentException">The copy is the encoder itself or of another architecture.</exception>
    public static void Make(nn.Module encoder, nn.Module copy)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Dictionary<string, Tensor> from, Dictionary<string, Tensor> to) = (encoder.state_dict(), copy.state_dict());
        if (ReferenceEquals(encoder, copy) || !from.Keys.SequenceEqual(to.Keys))
        {
            throw new ArgumentException("The copy is the encoder itself or of another architecture; "
                + "expected a module of its own with the same parameters and buffers.", nameof(copy));
        }
        foreach ((string name, Tensor value) in from)
        {
            if (value.shape.AsSpan().SequenceEqual(to[name].shape)) continue;
            string found = $"{string.Join('×', to[name].shape)}; expected {string.Join('×', value.shape)} as the encoder's";
            throw new ArgumentException($"The copy's {name} is {found}.", nameof(copy));
        }
        foreach ((string name, Tensor value) in from) to[name].copy_(value);
    }
}
