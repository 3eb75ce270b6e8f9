using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MoCo.Tensors;

namespace MoCo.Loading.Pipeline;

/// <summary>What both loaders are made of: passes over a source, each with its own workers, over shared memory, counted.</summary>
internal sealed class ViewEngine : IDisposable
{
    private readonly ViewPlan plan;
    private readonly torch.Device? device;
    private readonly bool pinned;
    private readonly ErrorLimit errors;
    private readonly ViewPool pool;
    private readonly ConcurrentDictionary<ViewPump, bool> running = [];
    private readonly LoaderMeter meter = new(new Meter("MoCo"));
    private readonly object gate = new();
    private LoaderStatistics total;
    private LoaderStatistics? latest;
    private volatile bool disposed;

    /// <summary>Takes a plan whose epoch and first batch are each pass's own matter.</summary>
    internal ViewEngine(ViewPlan plan, torch.Device? device, ILogger? logger)
    {
        TorchLibrary.Load();
        this.plan = plan;
        this.device = device is null || device.type == DeviceType.CPU ? null : device;
        Logger = logger ?? NullLogger.Instance;
        errors = new ErrorLimit(plan, Logger);
        pinned = device is not null && DeviceCopy.MayBeAsynchronous(device.type);
        pool = new ViewPool(plan, pinned);
    }

    /// <summary>Where batches shall lie; null: the CPU.</summary>
    internal torch.Device? Device => device;

    internal ILogger Logger { get; }

    internal LoaderStatistics Statistics { get { lock (gate) return total; } }

    internal LoaderStatistics? LastEpoch { get { lock (gate) return latest; } }

    /// <summary>The batches of an epoch, as the loaders have it: bad images are left out, or good ones stand in their places.</summary>
    internal IEnumerable<TBatch> Epoch<TBatch>(
        int epoch, int firstBatch, bool leaveOut, Func<DeliveredViews, TBatch> make, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, plan.Loader);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (firstBatch < 0 || firstBatch > plan.EndBatch)
        {
            throw new ArgumentOutOfRangeException(
                nameof(firstBatch), firstBatch, $"Expected 0 to {plan.EndBatch}, the batches of an epoch.");
        }
        return Enumerate(plan with { Epoch = epoch, FirstBatch = firstBatch }, leaveOut, make, cancellationToken);
    }

    public void Dispose()
    {
        disposed = true;
        foreach (ViewPump pump in running.Keys) pump.Stop();
        pool.Dispose();
        meter.Dispose();
    }

    private IEnumerable<TBatch> Enumerate<TBatch>(
        ViewPlan epoch, bool leaveOut, Func<DeliveredViews, TBatch> make, CancellationToken cancellationToken)
    {
        LoaderStatistics sum = default(LoaderStatistics);
        long mark = Stopwatch.GetTimestamp();
        using Delivery delivery = new(epoch, pool, device, pinned);
        using ViewPump pump = new(epoch, pool, errors);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static pump => ((ViewPump)pump!).Wake(), pump);
        running.TryAdd(pump, true);
        pool.Enter();
        try
        {
            if (disposed) pump.Stop();
            for (int number = epoch.FirstBatch; number < epoch.EndBatch; number++)
            {
                ViewSlot slot = pump.Take(cancellationToken, out int depth, out double waited);
                errors.TellOthers();
                bool good = Mend(slot, leaveOut);
                LoaderStatistics done = new(
                    slot.Size, 1, Lap(ref mark), waited, Seconds(slot.DecodeTicks), Seconds(slot.AugmentTicks), slot.BadCount);
                sum = sum.Plus(done);
                Count(done, sum, depth);
                if (good) yield return make(delivery.Deliver(slot));
                else pool.Return(slot);
            }
        }
        finally
        {
            running.TryRemove(pump, out _);
            pool.Leave();
            errors.TellOthers();
            // The consumer's work at the last batch belongs to the epoch too.
            LoaderStatistics rest = new() { Seconds = Lap(ref mark) };
            lock (gate) (total, latest) = (total.Plus(rest), sum.Plus(rest));
        }
    }

    /// <summary>Deals with the images of a batch that could not be read.</summary>
    /// <returns>False where none could, and none is needed.</returns>
    private bool Mend(ViewSlot slot, bool leaveOut)
    {
        if (slot.BadCount == 0) return true;
        if (leaveOut)
        {
            slot.Compact();
            return slot.Size > 0;
        }
        if (slot.Repair()) return true;
        InvalidDataException none = new($"None of its {slot.Size} images could be read; the first: {plan.Set.Errors.First[0]}");
        LoaderException error = new(plan.Set.Name, $"{plan.Set.Name}, batch {slot.Batch}", slot.Indices[0], none);
        pool.Return(slot);
        throw error;
    }

    private void Count(LoaderStatistics done, LoaderStatistics epoch, int depth)
    {
        lock (gate) total = total.Plus(done);
        meter.Batch(done, epoch, depth);
    }

    private static double Lap(ref long mark)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(mark, now).TotalSeconds;
        mark = now;
        return seconds;
    }

    private static double Seconds(long ticks) => ticks / (double)Stopwatch.Frequency;
}
