namespace MoCo.Loading.Pipeline;

/// <summary>Tells when a device has done everything that was given to it up to a mark, without waiting for it.</summary>
/// <remarks>A counter on the device is raised and copied into host memory behind the work in question, in the same stream: when the host
/// sees the mark's number, the work is done. TorchSharp offers no events. Used by one thread.</remarks>
internal sealed unsafe class CopyFence : IDisposable
{
    private readonly Tensor counter;
    private readonly Tensor mirror;
    private readonly long* reached;
    private long issued;

    internal CopyFence(Device device)
    {
        using Tensor zero = zeros(1, dtype: ScalarType.Int64);
        counter = zeros(1, dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
        mirror = (device.type == DeviceType.CUDA ? zero.pin_memory() : zero.clone()).DetachFromDisposeScope();
        fixed (byte* address = mirror.bytes)
            reached = (long*)address;
    }

    /// <summary>Marks the end of what the device has been given so far.</summary>
    internal long Mark()
    {
        counter.add_(One, One);
        mirror.copy_(counter, nonBlocking: true);
        return ++issued;
    }

    /// <summary>Whether the device has reached a mark.</summary>
    internal bool Reached(long mark) => Volatile.Read(ref *reached) >= mark;

    internal void Wait(long mark)
    {
        for (SpinWait spin = default(SpinWait); !Reached(mark);) spin.SpinOnce();
    }

    public void Dispose()
    {
        // The device must not write to memory that is gone.
        Wait(issued);
        counter.Dispose();
        mirror.Dispose();
    }
}
