namespace MoCo.Distributed;

/// <summary>The group of one process: what is gathered is what went in.</summary>
internal sealed class SingleProcess : ProcessGroup
{
    public override int Rank => 0;

    public override int Size => 1;

    internal override int LocalRank => 0;

    public override int LocalSize => 1;

    public override void Complete()
    {
    }

    private protected override void Gather(Tensor input, Tensor output) => output.copy_(input);

    private protected override void Add(Tensor values)
    {
    }

    private protected override void Send(Tensor values)
    {
    }

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows) => received.copy_(sent);
}
