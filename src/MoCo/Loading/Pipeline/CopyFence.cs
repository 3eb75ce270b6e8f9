using System.Diagnostics;
using MoCo.Tensors;

namespace MoCo.Loading.Pipeline;

/// <summary>Tells when a device has done everything that was given to it up to a mark, without waiting for it.</summary>
/// <remarks>A counter on the device is raised and copied into host memory behind the work in question, in the same stream: when the host
/// sees the mark's number, the work is done. TorchSharp offers no events. After an error of the device no mark is ever reached, so a wait
/// has an end: then the device is asked outright, which tells its error. Used by one thread.</remarks>
internal sealed unsafe class CopyFence : IDisposable
{
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(5);

    private readonly Tensor counter;
    private readonly Tensor mirror;
    private readonly long* reached;
    private readonly bool pinned;
    private readonly TimeSpan patience;
    private readonly Func<long> ask;
    private long issued;

    /// <param name="device">The device.</param>
    /// <param name="patience">How long a wait looks at the host's memory alone; null: 5 s.</param>
    /// <param name="ask">Asks the device for the marks that it has reached, waiting for it; null: reads the counter. For tests.</param>
    internal CopyFence(Device device, TimeSpan? patience = null, Func<long>? ask = null)
    {
        (this.patience, this.ask, pinned) = (patience ?? UsualPatience, ask ?? Ask, DeviceCopy.MayBeAsynchronous(device.type));
        using Tensor zero = zeros(1, dtype: ScalarType.Int64);
        counter = zeros(1, dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
        mirror = (pinned ? zero.pin_memory() : zero.clone()).DetachFromDisposeScope();
        fixed (byte* address = mirror.bytes)
            reached = (long*)address;
    }

    /// <summary>Marks the end of what the device has been given so far.</summary>
    internal long Mark()
    {
        counter.add_(One, One);
        mirror.copy_(counter, nonBlocking: pinned);
        return ++issued;
    }

    /// <summary>Whether the device has reached a mark.</summary>
    internal bool Reached(long mark) => Volatile.Read(ref *reached) >= mark;

    /// <summary>Waits for the device to reach a mark.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The device's error.</exception>
    /// <exception cref="InvalidOperationException">The device has done all its work without having reached the mark.</exception>
    internal void Wait(long mark)
    {
        long start = Stopwatch.GetTimestamp();
        for (SpinWait spin = default(SpinWait); !Reached(mark); spin.SpinOnce())
        {
            if (Stopwatch.GetElapsedTime(start) < patience) continue;
            long found = ask();
            if (found >= mark) return;
            throw new InvalidOperationException(
                $"The device has reached mark {found} of its copies, expected {mark}, and does nothing more.");
        }
    }

    public void Dispose()
    {
        try
        {
            // The device must not write to memory that is gone.
            Wait(issued);
        }
        catch (Exception)
        {
            // A device that is lost tells so at its next operation. The memory it might write to stays.
            return;
        }
        counter.Dispose();
        mirror.Dispose();
    }

    private long Ask()
    {
        using Tensor value = counter.cpu();
        return value.item<long>();
    }
}
