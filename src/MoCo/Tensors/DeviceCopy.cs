namespace MoCo.Tensors;

/// <summary>Copies to a device.</summary>
internal static class DeviceCopy
{
    /// <summary>Whether a copy may go on behind the caller's back. CUDA alone reads pinned memory on its own, and has read any other when
    /// the call returns; MPS takes such a call for unpinned memory too and reads it later, whatever it holds then.</summary>
    internal static bool MayBeAsynchronous(DeviceType device) => device == DeviceType.CUDA;

    /// <summary>A tensor on a device; itself where it lies there already. The tensor's memory may change as soon as the call
    /// returns, but for pinned memory on CUDA.</summary>
    internal static Tensor CopyTo(this Tensor tensor, Device device) =>
        tensor.to(device, non_blocking: MayBeAsynchronous(device.type));

    /// <summary>Sends a step's numbers from the CPU to a device without waiting for what that still has to do: through pinned memory,
    /// which libtorch keeps until the copy is done. A tensor of its own, whatever the device is.</summary>
    internal static Tensor SendTo(this Tensor numbers, Device device)
    {
        if (!MayBeAsynchronous(device.type)) return device.type == DeviceType.CPU ? numbers.alias() : numbers.to(device);
        using Tensor pinned = numbers.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
