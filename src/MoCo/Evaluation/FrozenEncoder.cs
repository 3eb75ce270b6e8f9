using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>An encoder that must come out of an evaluation as it went in: evaluation mode meanwhile, no gradients, its weights
/// compared at the end, torch's random numbers put back.</summary>
internal sealed class FrozenEncoder : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> encoder;
    private readonly WeightFingerprint fingerprint;
    private readonly RandomStateKept random = new();
    private readonly EvaluationMode mode;

    internal FrozenEncoder(nn.Module<Tensor, Tensor> encoder)
    {
        this.encoder = encoder;
        fingerprint = WeightFingerprint.Of(encoder);
        mode = new EvaluationMode(encoder);
    }

    /// <summary>Features of a batch.</summary>
    /// <returns>N×D float32 on the CPU, the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">The encoder gives another shape, or numbers that are not finite.</exception>
    internal Tensor Features(LabelledViews batch)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var output = encoder.call(batch.Views);
        if (output.shape.Length != 2 || output.shape[0] != batch.Labels.Length)
            throw new ArgumentException($"Expected an encoder that gives {batch.Labels.Length}×D for {batch.Labels.Length} views, found {string.Join('×', output.shape)}.", nameof(batch));
        var features = output.to(ScalarType.Float32).cpu().contiguous();
        if (!float.IsFinite(features.abs().sum().item<float>()))
            throw new ArgumentException("The encoder's features are not finite numbers.", nameof(batch));
        return features.MoveToOuterDisposeScope();
    }

    /// <summary>Makes sure that the encoder is what it was.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    internal void Verify() => fingerprint.Verify();

    /// <summary>Restores the encoder's mode and the random numbers.</summary>
    public void Dispose()
    {
        mode.Dispose();
        random.Dispose();
    }
}
