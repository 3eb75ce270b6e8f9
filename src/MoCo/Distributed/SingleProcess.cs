namespace MoCo.Distributed;

/// <summary>The group of one process: every exchange gives back what went in.</summary>
internal sealed class SingleProcess : IProcessGroup
{
    private SingleProcess()
    {
    }

    /// <summary>The one instance.</summary>
    public static SingleProcess Instance { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public Tensor AllGather(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.detach();
    }

    /// <inheritdoc/>
    public void AllReduceSum(Tensor values)
    {
    }

    /// <inheritdoc/>
    public void Broadcast(Tensor values, int root)
    {
    }

    /// <inheritdoc/>
    public void Barrier()
    {
    }
}
