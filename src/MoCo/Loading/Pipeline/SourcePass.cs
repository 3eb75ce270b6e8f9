using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>A pass over a source whose images are read by number. Place p of the epoch's order belongs to rank p mod ranks.</summary>
internal sealed class SourcePass : ImagePass
{
    private readonly IImageSource source;
    private readonly int rank, ranks;
    private readonly bool labelled;
    private readonly int[]? order;

    internal SourcePass(IImageSource source, ViewPlan plan, ViewPool pool)
    {
        (this.source, rank, ranks) = (source, plan.Options.Rank, plan.Options.Ranks);
        labelled = source.Classes.Count > 0;
        order = plan.Options.Shuffle ? pool.Order(source.Count, plan.Options.Seed, plan.Epoch) : null;
    }

    internal override bool InOrder => false;

    internal override void Fetch(long place, WorkerMemory worker)
    {
        var global = (int)((place * ranks) + rank);
        worker.Index = order is null ? global : order[global];
        worker.Label = labelled ? source.Label(worker.Index) ?? -1 : -1;
    }

    internal override void Decode(WorkerMemory worker) => source.Read(worker.Index, worker.Image);

    internal override string Locate(WorkerMemory worker) => source.Locate(worker.Index);

    internal override (int File, long Place) Key(WorkerMemory worker) => (0, worker.Index);

    // By its place's name: a subset has numbers of its own, but shares the record of the whole source.
    internal override bool Record(WorkerMemory worker, string reason) => source.Errors.Record(source.Locate(worker.Index), reason);

    public override void Dispose()
    {
    }
}
