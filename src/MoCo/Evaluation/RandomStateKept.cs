using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Gives torch's default generator back the state that it had, so that a training run around an evaluation draws the
/// same numbers as without it.</summary>
internal sealed class RandomStateKept : IDisposable
{
    private readonly Tensor state = RandomState.Copy().DetachFromDisposeScope();

    /// <summary>Restores the state.</summary>
    public void Dispose()
    {
        RandomState.Restore(state);
        state.Dispose();
    }
}
