using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MoCo.Imaging.Orientation;

namespace MoCo.Interop.Pickle;

/// <summary>The arithmetic of strided tensors: element i₀…iₙ lies at Σ iₖ·strideₖ.</summary>
internal static class Strides
{
    /// <summary>Elements of a shape.</summary>
    /// <exception cref="OverflowException">They can't be counted.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0)) return 0;
        long count = 1;
        foreach (long d in shape) count = checked(count * d);
        return count;
    }

    /// <summary>From the first element to the last, in elements; 0 for an empty tensor.</summary>
    /// <exception cref="OverflowException">It can't be counted.</exception>
    public static long Extent(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        if (shape.Contains(0)) return 0;
        long last = 0;
        for (int i = 0; i < shape.Length; i++) last = checked(last + (shape[i] - 1) * strides[i]);
        return checked(last + 1);
    }

    /// <summary>Whether the elements lie one after the other, the last dimension fastest.</summary>
    public static bool AreRowMajor(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected) return false;
            expected *= shape[i];
        }
        return true;
    }

    /// <summary>Copies a strided tensor's elements row-major.</summary>
    public static void Gather(ReadOnlySpan<byte> source, long[] shape, long[] strides, int size, Span<byte> target)
    {
        switch (size)
        {
            case 1: Gather<byte>(source, shape, strides, target); break;
            case 2: Gather<ushort>(source, shape, strides, target); break;
            case 4: Gather<uint>(source, shape, strides, target); break;
            case 8: Gather<ulong>(source, shape, strides, target); break;
            default: Gather<UInt128>(source, shape, strides, target); break;
        }
    }

    /// <summary>Turns the byte order of every number.</summary>
    public static void TurnBytes(Span<byte> numbers, int size)
    {
        switch (size)
        {
            case 2: Turn(MemoryMarshal.Cast<byte, ushort>(numbers), (from, to) => BinaryPrimitives.ReverseEndianness(from, to)); break;
            case 4: Turn(MemoryMarshal.Cast<byte, uint>(numbers), (from, to) => BinaryPrimitives.ReverseEndianness(from, to)); break;
            case 8: Turn(MemoryMarshal.Cast<byte, ulong>(numbers), (from, to) => BinaryPrimitives.ReverseEndianness(from, to)); break;
        }
    }

    private delegate void Reverse<T>(ReadOnlySpan<T> from, Span<T> to);

    private static void Turn<T>(Span<T> numbers, Reverse<T> reverse) => reverse(numbers, numbers);

    private static void Gather<T>(ReadOnlySpan<byte> source, long[] shape, long[] strides, Span<byte> target)
        where T : unmanaged
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(source);
        Span<T> to = MemoryMarshal.Cast<byte, T>(target);
        if (shape.Length == 0)
        {
            to[0] = from[0];
            return;
        }
        var index = new long[shape.Length];
        int inner = (int)shape[^1], innerStride = (int)strides[^1], written = 0;
        long row = 0;
        while (true)
        {
            int position = (int)row;
            for (int i = 0; i < inner; i++, position += innerStride) to[written++] = from[position];
            int k = shape.Length - 2;
            for (; k >= 0; k--)
            {
                row += strides[k];
                if (++index[k] < shape[k]) break;
                row -= strides[k] * shape[k];
                index[k] = 0;
            }
            if (k < 0) return;
        }
    }
}
