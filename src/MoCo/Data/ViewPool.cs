using System.Collections.Concurrent;
using MoCo.Augmentation;

namespace MoCo.Data;

/// <summary>Memory that outlives an epoch: the slots and what the workers keep warm.</summary>
internal sealed class ViewPool
{
    private readonly ConcurrentBag<ViewSlot> slots = [];
    private readonly ConcurrentBag<WorkerMemory> workers = [];

    internal ViewSlot RentSlot(ViewPlan plan)
    {
        if (slots.TryTake(out var slot))
            return slot;
        var length = plan.ViewLength * Math.Min(plan.BatchSize, plan.Order.Length);
        var views = new float[plan.Views][];
        for (var view = 0; view < views.Length; view++)
            views[view] = GC.AllocateUninitializedArray<float>(length);
        return new ViewSlot(views);
    }

    internal void Return(ViewSlot slot)
    {
        (slot.Batch, slot.Left, slot.Fault) = (-1, 0, null);
        slots.Add(slot);
    }

    internal WorkerMemory RentWorker() => workers.TryTake(out var worker) ? worker : new WorkerMemory();

    internal void Return(WorkerMemory worker) => workers.Add(worker);

    internal sealed class WorkerMemory
    {
        internal ImageBuffer Picture { get; } = new();

        internal AugmentationScratch Scratch { get; } = new();
    }
}
