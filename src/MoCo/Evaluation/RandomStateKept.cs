using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Gives torch's default generator back the state that it had, so that a training run around an evaluation draws the
/// same numbers as without it.</summary>
internal sealed class RandomStateKept : IDisposable
{
    private readonly Tensor state = get_rng_state().DetachFromDisposeScope();

    /// <summary>Restores the state.</summary>
    public void Dispose()
    {
        set_rng_state(state);
        state.Dispose();
    }
}
