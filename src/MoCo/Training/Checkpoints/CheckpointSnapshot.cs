namespace MoCo.Training.Checkpoints;

/// <summary>A run's state, copied out of it into memory of its own: training goes on while the copy is written. The memory is used again
/// for the next copy, so that only the first one waits for pages.</summary>
internal sealed class CheckpointSnapshot : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> copies = [];

    internal CheckpointPosition Position { get; private set; } = new("", 0, 0, 0, null, new StepCounters());

    internal void Take(CheckpointPosition position, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Position = position;
        if (!Fits(tensors)) Allocate(tensors);
        for (int i = 0; i < copies.Count; i++) copies[i].Tensor.copy_(tensors[i].Tensor);
    }

    /// <summary>Copies back into the tensors that the copy was taken of.</summary>
    internal void PutBack(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using IDisposable _ = no_grad();
        for (int i = 0; i < copies.Count; i++) tensors[i].Tensor.copy_(copies[i].Tensor);
    }

    internal void Write(string path) => Checkpoint.Write(path, Position, copies);

    public void Dispose()
    {
        foreach ((string _, Tensor tensor) in copies) tensor.Dispose();
        copies.Clear();
    }

    private bool Fits(IReadOnlyList<(string Name, Tensor Tensor)> tensors) =>
        copies.Count == tensors.Count && copies.Zip(tensors).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Tensor.dtype == pair.Second.Tensor.dtype
                && pair.First.Tensor.shape.AsSpan().SequenceEqual(pair.Second.Tensor.shape));

    private void Allocate(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        Dispose();
        foreach ((string name, Tensor tensor) in tensors)
            copies.Add((name, empty(tensor.shape, dtype: tensor.dtype, device: CPU).DetachFromDisposeScope()));
    }
}
