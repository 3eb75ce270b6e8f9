using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor from_array(Array rawArray, Device device = null) => from_array(rawArray, null, device);

    /// <summary>A tensor over the array's own memory where neither type nor device differ.</summary>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false, string[] names = null)
    {
        if (names is not null) throw new NotSupportedException("The TorchSharp stand-in has no named tensors.");
        long[] shape = Enumerable.Range(0, rawArray.Rank).Select(rawArray.GetLongLength).ToArray();
        return Finish(OverArray(rawArray, 0, shape, TypeOf(rawArray)), dtype, device, requires_grad);
    }

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device device = null) => from_array(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device device = null) =>
        (dtype is null || dtype == data.dtype) && device is null ? data.alias() : data.to(dtype ?? data.dtype, device ?? data.device);

    /// <summary>A tensor of one dimension over the array's own memory, from an element on.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        if (offset < 0 || offset >= rawArray.LongLength) throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0) count = rawArray.LongLength - offset;
        if (count > rawArray.LongLength - offset) throw new IndexOutOfRangeException($"element count is too large: {count}");
        return Finish(OverArray(rawArray, offset, [count], TypeOf(rawArray)), dtype, CPU, requires_grad);
    }

    /// <summary>A tensor with a copy of the array's elements, in its order of memory.</summary>
    private static unsafe Tensor FromData(Array array, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device device, bool requiresGrad, string[] names)
    {
        if (names is not null) throw new NotSupportedException("The TorchSharp stand-in has no named tensors.");
        long size = 1;
        foreach (long length in dimensions) size *= length;
        if (size > array.LongLength) throw new ArgumentException($"mismatched total size creating a tensor from an array: {size} vs. {array.LongLength}");
        Tensor tensor = Aten.empty_memory_format.Invoke(dimensions, type);
        fixed (byte* source = &MemoryMarshal.GetArrayDataReference(array))
        {
            long bytes = size * type.ElementSize();
            if (bytes > 0) Buffer.MemoryCopy(source, tensor.DataPointer(), bytes, bytes);
        }
        return Finish(tensor, dtype, device, requiresGrad);
    }

    private static Tensor FromData<T>(Memory<T> memory, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device device, bool requiresGrad, string[] names) =>
        FromData(memory.ToArray(), dimensions, type, dtype, device, requiresGrad, names);

    private static Tensor Finish(Tensor tensor, ScalarType? dtype, Device device, bool requiresGrad)
    {
        device = InitializeDevice(device);
        if ((dtype is { } type && type != tensor.dtype) || device.type != DeviceType.CPU)
        {
            Tensor converted = tensor.to(dtype ?? tensor.dtype, device);
            tensor.Dispose();
            tensor = converted;
        }
        if (requiresGrad) tensor.requires_grad = true;
        return tensor;
    }

    private static unsafe Tensor OverArray(Array array, long offset, long[] shape, ScalarType type)
    {
        GCHandle pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        void* data = Unsafe.AsPointer(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(array), (nint)(offset * type.ElementSize())));
        fixed (long* sizes = shape)
        {
            nint native = Shim.moco_tensor_from_blob(data, sizes, shape.Length, (int)type, &Unpin, GCHandle.ToIntPtr(pin));
            if (native == 0) pin.Free();
            return Tensor.Wrap(native);
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();

    private static ScalarType TypeOf(Array array)
    {
        Type type = array.GetType().GetElementType();
        if (type == typeof(byte)) return ScalarType.Byte;
        if (type == typeof(sbyte)) return ScalarType.Int8;
        if (type == typeof(short)) return ScalarType.Int16;
        if (type == typeof(int)) return ScalarType.Int32;
        if (type == typeof(long)) return ScalarType.Int64;
        if (type == typeof(Half)) return ScalarType.Float16;
        if (type == typeof(float)) return ScalarType.Float32;
        if (type == typeof(double)) return ScalarType.Float64;
        if (type == typeof(bool)) return ScalarType.Bool;
        throw new NotSupportedException($"The type {type.FullName} is not supported.");
    }
}
