namespace MoCo.Tensors;

/// <summary>Tensors as bytes: row-major and little-endian.</summary>
internal static class TensorBytes
{
    /// <summary>A contiguous CPU tensor's numbers in views (in the scope) that a span can hold, one after the other.</summary>
    public static IEnumerable<Tensor> Pieces(Tensor tensor, long mostBytes = 1 << 30)
    {
        Tensor row = tensor.flatten();
        long count = row.NumberOfElements, most = mostBytes / row.ElementSize;
        for (long start = 0; start < count; start += most) yield return row.narrow(0, start, Math.Min(most, count - start));
    }

    /// <summary>Writes a contiguous CPU tensor's numbers from where they lie.</summary>
    public static void WriteTensor(this Stream stream, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor piece in Pieces(tensor)) stream.Write(piece.bytes);
    }

    /// <summary>Reads a tensor into memory of its own.</summary>
    public static Tensor ReadTensor(this DataFile file, long offset, ScalarType type, params long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tensor = empty(shape, dtype: type, device: CPU);
        foreach (Tensor piece in Pieces(tensor))
        {
            file.Read(offset, piece.bytes);
            offset += piece.NumberOfElements * piece.ElementSize;
        }
        return tensor.MoveToOuterDisposeScope();
    }
}
