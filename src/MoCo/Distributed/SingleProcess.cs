namespace MoCo.Distributed;

/// <summary>The group of one process: what is gathered is what went in.</summary>
internal sealed class SingleProcess : IProcessGroup
{
    public static readonly SingleProcess Instance = new();

    public int Rank => 0;

    public int Size => 1;

    public Tensor AllGather(Tensor input) => input.detach();
}
