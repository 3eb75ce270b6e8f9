using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>A tensor's numbers as plain memory.</summary>
internal static class TensorValues
{
    /// <summary>A copy of the numbers, in the order of the indices, whatever the type, strides and device are.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        return tensor.numel() == 0 ? [] : tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>start, start + step, … below stop, as int64.</summary>
    public static Tensor Range(long start, long stop, long step, Device device)
    {
        using Scalar first = start.ToScalar(), end = stop.ToScalar(), difference = step.ToScalar();
        return arange(first, end, difference, dtype: ScalarType.Int64, device: device);
    }

    /// <summary>The numbers themselves, to read and write in place, as long as the tensor lives.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous float32 on the CPU.</exception>
    public static Span<float> AsFloats(this Tensor tensor) =>
        tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU && tensor.is_contiguous()
            ? MemoryMarshal.Cast<byte, float>(tensor.bytes)
            : throw new InvalidOperationException($"Expected contiguous float32 on the CPU, found {tensor.dtype} on {tensor.device_type}.");
}
