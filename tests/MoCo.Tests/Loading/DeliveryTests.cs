using System.Runtime.CompilerServices;
using MoCo.Loading.Pipeline;
using TorchSharp;

namespace MoCo.Tests.Loading;

/// <summary>The way to a device, walked on the CPU: what differs on a GPU is that the copies take their time.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public void A_fence_sees_its_marks_in_order()
    {
        long before = LiveTensors.Settled();
        using (CopyFence fence = new(torch.CPU))
        {
            Assert.False(fence.Reached(1));
            for (int mark = 1; mark <= 3; mark++)
            {
                Assert.Equal(mark, fence.Mark());
                fence.Wait(mark);
                Assert.True(fence.Reached(mark));
                Assert.False(fence.Reached(mark + 1));
            }
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_mark_that_is_never_reached_is_waited_for_once_and_then_told_by_the_device_s_error()
    {
        NotSupportedException lost = new("CUDA error: an illegal memory access was encountered");
        CopyFence fence = new(torch.CPU, TimeSpan.FromMilliseconds(30), () => throw lost);
        long mark = fence.Mark();

        fence.Wait(mark);
        Assert.Same(lost, Assert.Throws<NotSupportedException>(() => fence.Wait(mark + 1)));
        // Nothing is freed that a lost device might write to, and nothing is thrown over the error that ended the work.
        CopyFence pending = new(torch.CPU, TimeSpan.FromMilliseconds(30), () => throw lost);
        MarksMade(pending) = 5;
        pending.Dispose();
        fence.Dispose();
    }

    [Fact]
    public void A_device_that_is_done_without_reaching_a_mark_is_an_error_and_one_that_was_slow_is_none()
    {
        using CopyFence fence = new(torch.CPU, TimeSpan.FromMilliseconds(30));
        long mark = fence.Mark();
        Assert.Contains($"mark {mark} of its copies, expected {mark + 1}",
            Assert.Throws<InvalidOperationException>(() => fence.Wait(mark + 1)).Message, StringComparison.Ordinal);

        using CopyFence slow = new(torch.CPU, TimeSpan.FromMilliseconds(30), () => 7);
        slow.Wait(7);
    }

    [Fact]
    public void Memory_behind_a_fence_goes_back_to_the_pool()
    {
        long before = LiveTensors.Settled();
        ViewPlan plan = ViewPlan.Make(new SyntheticImages(16), [BatchRecord.Recipe, BatchRecord.Recipe], new() { BatchSize = 4 });
        using (ViewPool pool = new(plan, pinned: false))
        using (Delivery delivery = new(plan, pool, torch.CPU, fenced: true))
        {
            ViewSlot slot = pool.Rent();
            for (int round = 0; round < 20; round++)
            {
                slot.Begin(round, 4);
                foreach (torch.Tensor view in delivery.Deliver(slot).Views) view.Dispose();
                ViewSlot next = pool.Rent();
                Assert.Same(slot, next);
            }
            pool.Return(slot);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    /// <summary>More marks than were made are those of a copy that was lost.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "issued")]
    private static extern ref long MarksMade(CopyFence fence);
}
