using System.Collections.Concurrent;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Loading.Pipeline;

/// <summary>Memory that outlives a batch and an epoch: slots, what the workers keep warm, the epoch's order.</summary>
/// <remarks>Warm memory costs no page faults, which for a batch of large views are dearer than filling it.</remarks>
internal sealed class ViewPool(ViewPlan plan, bool pinned) : IDisposable
{
    private readonly object gate = new();
    private readonly Stack<ViewSlot> slots = [];
    private readonly ConcurrentBag<WorkerMemory> workers = [];
    private int passes;
    private bool disposed;
    private (long Seed, int Epoch, int[] Order)? latest;

    /// <summary>A pass begins: more memory is worth keeping.</summary>
    internal void Enter()
    {
        lock (gate) passes++;
    }

    internal void Leave()
    {
        lock (gate) passes--;
    }

    internal ViewSlot Rent()
    {
        lock (gate)
        {
            if (slots.TryPop(out ViewSlot? slot)) return slot;
        }
        return new ViewSlot(plan, pinned);
    }

    /// <summary>Takes a slot back that nobody writes to or reads from any more.</summary>
    internal void Return(ViewSlot slot)
    {
        slot.Batch = -1;
        lock (gate)
        {
            // As much as the passes under way (or one to come) can have in use, with a batch in the consumer's hands.
            if (!disposed && slots.Count < (plan.Options.PrefetchBatches + 2) * Math.Max(passes, 1))
            {
                slots.Push(slot);
                return;
            }
        }
        slot.Dispose();
    }

    internal WorkerMemory RentWorker() => workers.TryTake(out WorkerMemory? worker) ? worker : new WorkerMemory();

    internal void Return(WorkerMemory worker) => workers.Add(worker);

    /// <summary>The order of an epoch; shared by the passes over it.</summary>
    internal int[] Order(int count, long seed, int epoch)
    {
        lock (gate)
        {
            if (latest is not { } found || (found.Seed, found.Epoch) != (seed, epoch))
                latest = found = (seed, epoch, EpochPermutation.Create(count, seed, epoch));
            return found.Order;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            while (slots.TryPop(out ViewSlot? slot)) slot.Dispose();
        }
    }
}

/// <summary>What one worker keeps warm from image to image, and the image it is at.</summary>
internal sealed class WorkerMemory
{
    internal ImageBuffer Image { get; } = new();

    internal EncodedImage Encoded { get; } = new();

    internal AugmentationScratch Scratch { get; } = new();

    /// <summary>The number in its source of the image at hand.</summary>
    internal int Index { get; set; }

    /// <summary>Its label; −1: none.</summary>
    internal int Label { get; set; }

    /// <summary>Gives a giant image's memory back.</summary>
    internal void DropGiant()
    {
        Image.DropGiant();
        Scratch.View.DropGiant();
        Scratch.Spare.DropGiant();
        Encoded.DropGiant();
    }
}
