using System.Diagnostics;
using MoCo.Distributed;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Scaling;

/// <summary>A group that notes what is moved, how long each call waits for the slowest rank, and how long it then takes.</summary>
internal sealed class MeteredGroup(ProcessGroup inner) : ProcessGroup
{
    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    internal override int LocalRank => inner.LocalRank;

    public override int LocalSize => inner.LocalSize;

    /// <summary>Whether calls are noted; all ranks must say the same, since each then waits for all before it makes a call.</summary>
    public bool IsNoting { get; set; }

    /// <summary>The calls that were noted.</summary>
    public List<MeteredCall> Calls { get; } = [];

    public override void Complete() => inner.Complete();

    private protected override void Gather(Tensor input, Tensor output)
    {
        using Tensor all = Note(Collective.AllGather, input, () => inner.AllGather(input)); // in the samples' order
        using Tensor byRank = all.unflatten(0, [-1, Size]).transpose(0, 1);
        output.copy_(byRank);
    }

    private protected override void Add(Tensor values) => Note(Collective.AllReduce, values, () =>
    {
        inner.AllReduceSum(values);
        return 0;
    });

    private protected override void Send(Tensor values) => inner.Broadcast(values);

    private protected override void Trade(Tensor sent, Tensor received, RowCounts rows)
    {
        using Tensor traded = Note(Collective.AllToAll, sent, () => inner.Exchange(sent, rows));
        received.copy_(traded);
    }

    private T Note<T>(Collective kind, Tensor values, Func<T> call)
    {
        if (!IsNoting) return call();
        long come = Stopwatch.GetTimestamp();
        inner.Barrier();
        long begun = Stopwatch.GetTimestamp();
        T result = call();
        Calls.Add(new MeteredCall(kind, values.numel() * values.ElementSize, Stopwatch.GetElapsedTime(come, begun),
            Stopwatch.GetElapsedTime(begun)));
        return result;
    }
}

/// <summary>A call as it was.</summary>
/// <param name="Kind">The collective.</param>
/// <param name="Bytes">Of this rank's tensor.</param>
/// <param name="Waited">Until the slowest rank had come.</param>
/// <param name="Took">From there on.</param>
internal readonly record struct MeteredCall(Collective Kind, long Bytes, TimeSpan Waited, TimeSpan Took);
