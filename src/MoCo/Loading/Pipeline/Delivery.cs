namespace MoCo.Loading.Pipeline;

/// <summary>From the workers' memory to a batch's tensors on the consumer's device, and the memory's way back to the pool.</summary>
/// <remarks>On the CPU the batch shows the memory itself, which comes back when the batch is disposed. To a GPU pinned memory is copied
/// without waiting, and comes back when a fence has seen the copy done. Used by the consumer's thread.</remarks>
internal sealed class Delivery(ViewPlan plan, ViewPool pool, Device? device, bool fenced) : IDisposable
{
    // Batches that the consumer may queue up on the device beyond the one it works at.
    private const int Ahead = 2;

    private readonly CopyFence? fence = device is not null && fenced ? new CopyFence(device) : null;
    private readonly Queue<(ViewSlot Slot, long Mark)> copying = [];

    internal DeliveredViews Deliver(ViewSlot slot)
    {
        Tensor[] views = new Tensor[plan.Views];
        for (int view = 0; view < views.Length; view++) views[view] = slot.View(view, device);
        (int[] indices, int[] labels) = (slot.Indices.AsSpan(0, slot.Size).ToArray(), slot.Labels.AsSpan(0, slot.Size).ToArray());
        DeliveredViews delivered = new(slot.Batch, views, indices, labels, device is null ? new ViewLease(pool, slot) : null);
        if (fence is not null) Await(slot, fence);
        else if (device is not null) pool.Return(slot);
        return delivered;
    }

    public void Dispose()
    {
        fence?.Dispose();
        while (copying.TryDequeue(out (ViewSlot Slot, long Mark) done)) pool.Return(done.Slot);
    }

    private void Await(ViewSlot slot, CopyFence fence)
    {
        copying.Enqueue((slot, fence.Mark()));
        if (copying.Count > Ahead) fence.Wait(copying.Peek().Mark);
        while (copying.TryPeek(out (ViewSlot Slot, long Mark) first) && fence.Reached(first.Mark)) pool.Return(copying.Dequeue().Slot);
    }
}

/// <summary>What a batch is made of.</summary>
/// <param name="Number">The batch's number in the epoch.</param>
/// <param name="Views">One tensor N×C×H×W for each view of the images.</param>
/// <param name="Indices">The image behind each row.</param>
/// <param name="Labels">The label of each row, −1: none.</param>
/// <param name="Lease">The memory under the tensors; null where they own theirs.</param>
internal readonly record struct DeliveredViews(int Number, Tensor[] Views, int[] Indices, int[] Labels, ViewLease? Lease);

/// <summary>A batch's hold on its memory: given back once, when the batch is disposed.</summary>
internal sealed class ViewLease(ViewPool pool, ViewSlot slot) : IDisposable
{
    private ViewSlot? held = slot;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref held, null) is { } returned) pool.Return(returned);
    }
}
