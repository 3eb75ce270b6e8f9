using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>The images of one pass over a source, place by place: the one difference between sources and streams.</summary>
internal abstract class ImagePass : IDisposable
{
    /// <summary>Whether places must be fetched one by one in their order, by one worker at a time.</summary>
    internal abstract bool InOrder { get; }

    /// <summary>Finds (in a stream: reads) the image at a place: gives the worker its index and label.</summary>
    /// <param name="place">The place in this rank's part of the epoch, from 0.</param>
    /// <param name="worker">The worker's memory.</param>
    internal abstract void Fetch(long place, WorkerMemory worker);

    /// <summary>Decodes the image last fetched. Any number of workers at once.</summary>
    internal abstract void Decode(WorkerMemory worker);

    /// <summary>Where the image last fetched lies.</summary>
    internal abstract string Locate(WorkerMemory worker);

    /// <summary>What tells the image last fetched from every other of its source.</summary>
    internal abstract (int File, long Place) Key(WorkerMemory worker);

    /// <summary>Records that the image last fetched cannot be read.</summary>
    /// <returns>True the first time.</returns>
    internal abstract bool Record(WorkerMemory worker, string reason);

    /// <inheritdoc/>
    public abstract void Dispose();

    internal static ImagePass Open(ViewPlan plan, ViewPool pool) => plan.Set switch
    {
        IImageStream stream => new StreamPass(stream, plan),
        IImageSource source => new SourcePass(source, plan, pool),
        _ => throw new ArgumentException($"Expected an {nameof(IImageSource)} or an {nameof(IImageStream)}, found {plan.Set.GetType()}.", nameof(plan)),
    };

    internal static long CountOf(IImageSet set) => set is IImageStream stream ? stream.Count : ((IImageSource)set).Count;
}
