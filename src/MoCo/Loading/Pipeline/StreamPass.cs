using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>A pass over a stream: one reader, from which workers take the next image's file in turn and decode it on their own.</summary>
internal sealed class StreamPass : ImagePass
{
    private readonly IImageStream stream;
    private readonly IImageStreamReader reader;
    private readonly ViewPlan plan;

    internal StreamPass(IImageStream stream, ViewPlan plan)
    {
        (this.stream, this.plan) = (stream, plan);
        var options = plan.Options;
        reader = stream.Open(options.Seed, plan.Epoch, options.Shuffle, options.Rank, options.Ranks, (long)plan.FirstBatch * options.BatchSize);
    }

    internal override bool InOrder => true;

    internal override void Fetch(long place, WorkerMemory worker)
    {
        worker.Index = (int)((place * plan.Options.Ranks) + plan.Options.Rank);
        if (!reader.Read(worker.Encoded))
            throw new EndOfStreamException($"The stream ended after {place} images; expected {plan.Count}, as its count says.");
        worker.Label = worker.Encoded.Label ?? -1;
    }

    internal override void Decode(WorkerMemory worker) => stream.Decode(worker.Encoded, worker.Image);

    internal override string Locate(WorkerMemory worker) => worker.Encoded.Location;

    internal override (int File, long Place) Key(WorkerMemory worker) => (worker.Encoded.Shard, worker.Encoded.Offset);

    internal override bool Record(WorkerMemory worker, string reason) =>
        stream.Errors.Record(worker.Encoded.Shard, worker.Encoded.Offset, worker.Encoded.Location, reason);

    public override void Dispose() => reader.Dispose();
}
