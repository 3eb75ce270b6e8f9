using MoCo.Encoders.Fused;

namespace MoCo.Encoders;

/// <summary>How the passes with gradient of an encoder's backbone are computed between <see cref="Begin"/> and <see cref="End"/>, where
/// autograd, coming from the loss, ends at the backbone's last layers: <see cref="Backward"/> follows <c>loss.backward()</c> and goes on
/// from there.</summary>
internal abstract class EncoderPasses : IDisposable
{
    private readonly Encoder encoder;

    /// <param name="encoder">Whose passes; it stays the caller's.</param>
    protected EncoderPasses(Encoder encoder) => this.encoder = encoder;

    /// <summary>The fastest for an encoder; null where autograd's own is.</summary>
    /// <exception cref="NotSupportedException">Gradient checkpointing is wanted, and the backbone's stages are not known.</exception>
    public static EncoderPasses? Of(Encoder encoder, bool checkpointing)
        => encoder.Backbone is ResNet network ? new FusedPasses(encoder, network, checkpointing)
            : checkpointing ? new GradientCheckpoints(encoder) : null;

    /// <summary>From here on every pass with gradient is computed so.</summary>
    public void Begin() => encoder.Passes = this;

    /// <summary>Ends that, and forgets passes whose backward has not come.</summary>
    public void End()
    {
        if (ReferenceEquals(encoder.Passes, this)) encoder.Passes = null;
        Forget();
    }

    /// <summary>The backbone's pass, its last part with gradient.</summary>
    public abstract Tensor Forward(Tensor input);

    /// <summary>What backward has left to do, for every pass since the last call.</summary>
    public abstract void Backward();

    public void Dispose() => End();

    protected abstract void Forget();
}
