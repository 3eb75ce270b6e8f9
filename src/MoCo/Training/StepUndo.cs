using MoCo.Contrast;
using MoCo.Tensors;

namespace MoCo.Training;

/// <summary>A copy of what a step may change before it moves the weights, taken when it begins and put back where it fails: the tensors
/// given, and the state of torch's default generator on the CPU. Both run on the device's own queue and wait for nothing.</summary>
internal sealed class StepUndo : IDisposable
{
    private readonly (Tensor Tensor, Tensor Copy)[] pairs;
    private readonly MomentumUpdate? update;
    private readonly Tensor? beforeUpdate;
    private Tensor? random;

    /// <param name="changed">The tensors; they stay the caller's.</param>
    /// <param name="update">An update of others that the step makes at most once, and copies on the way.</param>
    public StepUndo(IReadOnlyList<Tensor> changed, MomentumUpdate? update = null)
    {
        this.update = update;
        using DisposeScope scope = NewDisposeScope(); // holds what is detached while it is copied
        beforeUpdate = update?.FlatKey!.clone().DetachFromDisposeScope();
        using IDisposable _ = no_grad();
        pairs = [.. changed.Select(tensor => (tensor, tensor.detach().clone().DetachFromDisposeScope()))];
    }

    public void Begin()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((Tensor tensor, Tensor copy) in pairs) copy.copy_(tensor);
        if (update is not null) update.Before = beforeUpdate;
        random?.Dispose();
        random = RandomState.Copy().DetachFromDisposeScope();
    }

    public void PutBack()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((Tensor tensor, Tensor copy) in pairs) tensor.copy_(copy);
        if (update is { Before: null }) update.FlatKey!.copy_(beforeUpdate!);
        RandomState.Restore(random!);
    }

    public void Dispose()
    {
        foreach ((Tensor _, Tensor copy) in pairs) copy.Dispose();
        beforeUpdate?.Dispose();
        random?.Dispose();
    }
}
