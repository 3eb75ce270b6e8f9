using MoCo.Tensors;

namespace MoCo.Training;

/// <summary>A copy of what a step may change before it moves the weights, taken when it begins and put back where it fails: the tensors
/// given, and the state of torch's default generator on the CPU. Both run on the device's own queue and wait for nothing.</summary>
internal sealed class StepUndo : IDisposable
{
    private readonly (Tensor Tensor, Tensor Copy)[] pairs;
    private Tensor? random;

    /// <param name="changed">The tensors; they stay the caller's.</param>
    public StepUndo(IReadOnlyList<Tensor> changed)
    {
        using IDisposable _ = no_grad();
        pairs = [.. changed.Select(tensor => (tensor, tensor.detach().clone().DetachFromDisposeScope()))];
    }

    public void Begin()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((Tensor tensor, Tensor copy) in pairs) copy.copy_(tensor);
        random?.Dispose();
        random = RandomState.Copy().DetachFromDisposeScope();
    }

    public void PutBack()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((Tensor tensor, Tensor copy) in pairs) tensor.copy_(copy);
        RandomState.Restore(random!);
    }

    public void Dispose()
    {
        foreach ((Tensor _, Tensor copy) in pairs) copy.Dispose();
        random?.Dispose();
    }
}
