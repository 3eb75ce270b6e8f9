using MoCo.Tensors;

namespace MoCo.Evaluation.Features;

/// <summary>An encoder that must come out of an evaluation as it went in: evaluation mode meanwhile, no gradients, its weights compared at
/// the end, torch's random numbers put back.</summary>
internal sealed class FrozenEncoder : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> encoder;
    private readonly WeightFingerprint fingerprint;
    private readonly RandomStateKept random = new();
    private readonly EvaluationMode mode;

    internal FrozenEncoder(nn.Module<Tensor, Tensor> encoder)
    {
        this.encoder = encoder;
        fingerprint = new WeightFingerprint(encoder);
        mode = new EvaluationMode(encoder);
    }

    /// <summary>Features of a batch.</summary>
    /// <returns>N×D float32 on the CPU, the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">The encoder gives another shape, or numbers that are not finite.</exception>
    internal Tensor Features(Tensor views)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor features = encoder.Features(views).to(ScalarType.Float32).cpu().contiguous();
        if (!float.IsFinite(features.abs().sum().item<float>()))
            throw new ArgumentException("The encoder's features are not finite numbers.", nameof(views));
        return features.MoveToOuterDisposeScope();
    }

    internal void Verify() => fingerprint.Verify();

    public void Dispose()
    {
        mode.Dispose();
        random.Dispose();
    }
}

/// <summary>Evaluation mode for a module as long as this object lives; then every submodule is what it was, also where some were frozen in
/// evaluation mode before.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> before;

    internal EvaluationMode(nn.Module module)
    {
        // The module itself is not among its named_modules; parents come before their children there.
        before = [(module, module.training), .. module.named_modules().Select(named => (named.module, named.module.training))];
        module.eval();
    }

    public void Dispose()
    {
        // train() reaches down to the children, so parents go first.
        foreach ((nn.Module module, bool training) in before) module.train(training);
    }
}

/// <summary>Gives torch's default generator back the state that it had, so that a training run around an evaluation draws the same numbers
/// as without it.</summary>
internal sealed class RandomStateKept : IDisposable
{
    private readonly Tensor state = RandomState.Copy().DetachFromDisposeScope();

    public void Dispose()
    {
        RandomState.Restore(state);
        state.Dispose();
    }
}

/// <summary>Calls an encoder.</summary>
internal static class EncoderCall
{
    /// <summary>N×D features of N×C×H×W views.</summary>
    /// <exception cref="ArgumentException">The encoder gives another shape.</exception>
    internal static Tensor Features(this nn.Module<Tensor, Tensor> encoder, Tensor views)
    {
        Tensor output = encoder.call(views);
        long count = views.shape[0];
        return output.shape.Length == 2 && output.shape[0] == count ? output : throw new ArgumentException(
            $"Expected an encoder that gives {count}×D for {count} views, found {string.Join('×', output.shape)}.", nameof(encoder));
    }
}
