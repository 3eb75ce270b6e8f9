using System;
using System.Collections;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes a CPU tensor's elements in place, in the order of its indices whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;
    private Tensor tensor; // keeps the memory alive
    private T* data;

    internal TensorAccessor(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        data = (T*)tensor.DataPointer();
        this.tensor = tensor;
    }

    public long Count => tensor is null ? 0 : tensor.NumberOfElements;

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => data[Offset(indices)];
        set => data[Offset(indices)] = value;
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left.AsEnumerableEquals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public T[] ToArray()
    {
        var array = new T[Count];
        if (array.Length > 0) CopyTo(array.AsSpan());
        return array;
    }

    public Array ToNDArray()
    {
        if (shape.Length == 0) return ToArray();
        var array = Array.CreateInstance(typeof(T), shape);
        ToArray().AsSpan().CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
            ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array)), array.Length));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        Span<T> target = array[arrayIndex..Upto(array.Length, arrayIndex, tensorIndex)];
        if (contiguous) new ReadOnlySpan<T>(data + tensorIndex, target.Length).CopyTo(target);
        else for (int i = 0; i < target.Length; i++) target[i] = data[Offset(tensorIndex + i)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        ReadOnlySpan<T> source = array[arrayIndex..Upto(array.Length, arrayIndex, tensorIndex)];
        if (contiguous) source.CopyTo(new Span<T>(data + tensorIndex, source.Length));
        else for (int i = 0; i < source.Length; i++) data[Offset(tensorIndex + i)] = source[i];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return Read(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object obj) => obj is TensorAccessor<T> other && AsEnumerableEquals(other);

    public override int GetHashCode() => base.GetHashCode();

    public void Dispose()
    {
        data = null;
        tensor = null;
    }

    internal static T ReadItemAt(Tensor tensor, long index)
    {
        tensor.ValidateType(typeof(T));
        using var accessor = new TensorAccessor<T>(tensor);
        return accessor[index];
    }

    private T Read(long index) => data[Offset(index)];

    private bool AsEnumerableEquals(TensorAccessor<T> other)
    {
        if (Count != other.Count) return false;
        for (long i = 0; i < Count; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(Read(i), other.Read(i))) return false;
        }
        return true;
    }

    /// <summary>Where in the array the copy ends: with the array or with the tensor.</summary>
    private int Upto(int length, int arrayIndex, long tensorIndex)
    {
        if (tensorIndex < 0 || tensorIndex >= Count) throw new ArgumentOutOfRangeException(nameof(tensorIndex));
        return (int)Math.Max(arrayIndex, Math.Min(length, arrayIndex + Count - tensorIndex));
    }

    private long Offset(long index)
    {
        if (contiguous) return index;
        long offset = 0;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            index = Math.DivRem(index, shape[i], out long position);
            offset += position * strides[i];
        }
        return offset;
    }

    private long Offset(long[] indices)
    {
        ObjectDisposedException.ThrowIf(tensor is null, this);
        if (indices.Length == 1)
        {
            if (indices[0] >= Count) throw new IndexOutOfRangeException();
            ArgumentOutOfRangeException.ThrowIfNegative(indices[0]);
            return Offset(indices[0]);
        }
        long offset = 0;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (indices[i] >= shape[i] || indices[i] < 0) throw new IndexOutOfRangeException($"{indices[i]} >= {shape[i]} in dimension {i}.");
            offset += indices[i] * strides[i];
        }
        return offset;
    }
}
