using System.Collections.Concurrent;
using MoCo.Augmentation;
using TorchSharp;

namespace MoCo.Data;

/// <summary>Batches of two random views of each picture, made ahead of time by worker threads.</summary>
/// <remarks>Every batch is a pure function of (seed, epoch, batch number): the same for any number of workers, and for an epoch
/// that is taken up in its middle.</remarks>
public sealed class TwoCropLoader : IDisposable
{
    private readonly torch.Device? device;
    private readonly ViewPool pool = new();
    private readonly ConcurrentDictionary<ViewPump, bool> running = [];
    private readonly object gate = new();
    private LoaderStatistics statistics;
    private bool disposed;

    /// <summary>Checks everything and starts nothing.</summary>
    /// <param name="source">The pictures; not disposed by the loader.</param>
    /// <param name="recipe">From picture to view.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="device">Where the batches' tensors shall lie; null: the CPU.</param>
    /// <exception cref="ArgumentException">Options out of range, a source without pictures, or a recipe for other channels.</exception>
    public TwoCropLoader(IImageSource source, AugmentationRecipe recipe, LoaderOptions? options = null, torch.Device? device = null)
    {
        Options = options ?? new LoaderOptions();
        Options.Validate();
        ViewPlan.Check(source, recipe, Options.BatchSize);
        (Source, Recipe, this.device) = (source, recipe, device);
        BatchesPerEpoch = Options.DropLast ? source.Count / Options.BatchSize : (int)(((long)source.Count + Options.BatchSize - 1) / Options.BatchSize);
        if (BatchesPerEpoch == 0)
            throw new ArgumentException($"{source.Name} has {source.Count} pictures, fewer than one batch of {Options.BatchSize}, and DropLast leaves out what is not full.", nameof(options));
    }

    /// <summary>The pictures.</summary>
    public IImageSource Source { get; }

    /// <summary>From picture to view.</summary>
    public AugmentationRecipe Recipe { get; }

    /// <summary>The options in use.</summary>
    public LoaderOptions Options { get; }

    /// <summary>Batches in an epoch, a partial last one included unless it is dropped.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>What the loader has done since it was made.</summary>
    public LoaderStatistics Statistics
    {
        get
        {
            lock (gate)
                return statistics;
        }
    }

    /// <summary>The batches of an epoch, in order. Workers start with the enumeration and end with it, however it ends.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">The batch to begin with: where an interrupted run goes on.</param>
    /// <returns>Batches that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch, or a batch beyond the epoch's end.</exception>
    /// <exception cref="LoaderException">While enumerating: a picture could not be loaded; the batches before it were delivered.</exception>
    public IEnumerable<TwoCropBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (firstBatch < 0 || firstBatch > BatchesPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(firstBatch), firstBatch, $"Expected 0 to {BatchesPerEpoch}, the batches of an epoch.");
        return Enumerate(epoch, firstBatch);
    }

    /// <summary>Ends all enumerations under way.</summary>
    public void Dispose()
    {
        disposed = true;
        foreach (var pump in running.Keys)
            pump.Stop();
    }

    private IEnumerable<TwoCropBatch> Enumerate(int epoch, int firstBatch)
    {
        var order = Options.Shuffle ? EpochPermutation.Create(Source.Count, Options.Seed, epoch) : EpochPermutation.Identity(Source.Count);
        var plan = new ViewPlan(Source, Recipe, order, Options.Seed, epoch, 2, Options.BatchSize, firstBatch, BatchesPerEpoch, Options.Workers, Options.PrefetchBatches);
        using var pump = new ViewPump(plan, pool);
        running.TryAdd(pump, true);
        try
        {
            if (disposed)
                pump.Stop();
            for (var number = firstBatch; number < BatchesPerEpoch; number++)
                yield return Next(pump, plan, number);
        }
        finally
        {
            running.TryRemove(pump, out _);
        }
    }

    private TwoCropBatch Next(ViewPump pump, ViewPlan plan, int number)
    {
        var before = pump.SecondsWaited;
        var slot = pump.Take();
        var size = plan.SizeOf(number);
        var query = MakeTensor(slot, 0, size);
        var key = MakeTensor(slot, 1, size);
        pump.Release();
        lock (gate)
            statistics = new LoaderStatistics(statistics.Pictures + size, statistics.Batches + 1, statistics.SecondsWaited + pump.SecondsWaited - before);
        return new TwoCropBatch(query, key, plan.Order.AsMemory(number * Options.BatchSize, size), plan.Epoch, number) { BatchesPerEpoch = BatchesPerEpoch };
    }

    private torch.Tensor MakeTensor(ViewSlot slot, int view, int size)
    {
        var length = Recipe.OutputSize * Recipe.OutputSize * Source.Channels;
        return TwoCropBatch.ChannelsLast(slot.Views[view].AsSpan(0, size * length), size, Recipe.OutputSize, Source.Channels, device);
    }
}
