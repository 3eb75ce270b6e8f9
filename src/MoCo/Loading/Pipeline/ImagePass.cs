using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>The images of one pass over a source, place by place: the one difference between sources and streams.</summary>
internal abstract class ImagePass : IDisposable
{
    /// <summary>Whether places must be fetched one by one in their order, by one worker at a time.</summary>
    internal abstract bool InOrder { get; }

    /// <summary>Finds (in a stream: reads) the image at a place of this rank's epoch: gives the worker its index and label.</summary>
    internal abstract void Fetch(long place, WorkerMemory worker);

    /// <summary>Decodes the image last fetched. Any number of workers at once.</summary>
    internal abstract void Decode(WorkerMemory worker);

    /// <summary>Where the image last fetched lies, which tells it from every other of its source.</summary>
    internal abstract string Locate(WorkerMemory worker);

    public abstract void Dispose();

    internal static ImagePass Open(ViewPlan plan, ViewPool pool) =>
        plan.Set is IImageStream stream ? new StreamPass(stream, plan) : new SourcePass((IImageSource)plan.Set, plan, pool);

    /// <exception cref="ArgumentException">Neither a source nor a stream.</exception>
    internal static long CountOf(IImageSet source) => source switch
    {
        IImageStream stream => stream.Count,
        IImageSource numbered => numbered.Count,
        _ => throw new ArgumentException($"{source.Name} is of type {source.GetType()}; "
            + $"expected an {nameof(IImageSource)} or an {nameof(IImageStream)}.", nameof(source)),
    };
}

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
        int global = (int)((place * ranks) + rank);
        worker.Index = order is null ? global : order[global];
        worker.Label = labelled ? source.Label(worker.Index) ?? -1 : -1;
    }

    internal override void Decode(WorkerMemory worker) => source.Read(worker.Index, worker.Image);

    internal override string Locate(WorkerMemory worker) => source.Locate(worker.Index);

    public override void Dispose()
    {
    }
}

/// <summary>A pass over a stream: one enumeration, from which workers take the next image's file in turn and decode it on their
/// own.</summary>
internal sealed class StreamPass : ImagePass
{
    private readonly IImageStream stream;
    private readonly IEnumerator<EncodedImage> files;
    private readonly bool areGivenAway;
    private readonly ViewPlan plan;

    internal StreamPass(IImageStream stream, ViewPlan plan)
    {
        (this.stream, this.plan) = (stream, plan);
        LoaderOptions options = plan.Options;
        long skip = (long)plan.FirstBatch * options.BatchSize;
        files = stream.Open(options.Seed, plan.Epoch, options.Shuffle, options.Rank, options.Ranks, skip);
        areGivenAway = files is IGivenAway { IsGivenAway: true };
    }

    internal override bool InOrder => true;

    internal override void Fetch(long place, WorkerMemory worker)
    {
        worker.Index = (int)((place * plan.Options.Ranks) + plan.Options.Rank);
        if (!files.MoveNext())
            throw new EndOfStreamException($"The stream ended after {place} images; expected {plan.Count}, as its count says.");
        worker.Encoded.Take(files.Current, areGivenAway);
        worker.Label = worker.Encoded.Label ?? -1;
    }

    internal override void Decode(WorkerMemory worker) => stream.Decode(worker.Encoded, worker.Image);

    internal override string Locate(WorkerMemory worker) =>
        worker.Encoded.Location is { Length: > 0 } told ? told : $"{stream.Name}, image {worker.Index}";

    public override void Dispose() => files.Dispose();
}
