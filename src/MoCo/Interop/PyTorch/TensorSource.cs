using MoCo.Tensors;

namespace MoCo.Interop.PyTorch;

/// <summary>Makes tensors of a checkpoint's storages: every size, offset and stride is checked against the storage before anything is
/// read.</summary>
internal sealed class TensorSource(DataFile file)
{
    private const int RankLimit = 64;

    /// <summary>What a tensor may take beyond its file's length: expanded tensors repeat their numbers.</summary>
    private const long ExpansionAllowance = 16 << 20;

    /// <summary>Whether the storages' numbers are big-endian.</summary>
    public bool BigEndian { get; set; }

    /// <summary><c>_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, marks)</c></summary>
    public object? Rebuild(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, ..])
            throw new FormatException("it builds a tensor of something that is no storage, offset, size and stride");
        RefuseMarks(arguments.ElementAtOrDefault(6));
        return Make(storage, storage.Kind.Element, offset, Numbers(size), Numbers(stride));
    }

    /// <summary><c>_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, marks)</c></summary>
    public object? RebuildTyped(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, _, _, TorchElement element, ..])
            throw new FormatException("it builds a tensor of something that is no storage, offset, size, stride and type");
        RefuseMarks(arguments.ElementAtOrDefault(7));
        return Make(storage, element, offset, Numbers(size), Numbers(stride));
    }

    /// <summary>A tensor may be marked as conjugated or negated: its storage holds other numbers than it has.</summary>
    private static void RefuseMarks(object? marks)
    {
        if (marks is not OrderedDictionary<object, object?> { Count: > 0 } dictionary) return;
        throw new FormatException($"it builds a tensor that is marked as {string.Join(", ", dictionary.Keys)}; "
            + "in Python, .resolve_conj().resolve_neg() makes one without");
    }

    private static long[] Numbers(object?[] values)
    {
        if (values.Length > RankLimit)
            throw new FormatException($"it builds a tensor of {values.Length} dimensions; expected up to {RankLimit}");
        return [.. values.Select(value => value is long number and >= 0
            ? number
            : throw new FormatException(
                Invariant($"it builds a tensor with the size or stride {value ?? "None"}; expected a whole number from 0")))];
    }

    private StoredTensor Make(TorchStorage storage, TorchElement element, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length)
            throw new FormatException($"it builds a tensor of {shape.Length} dimensions with {strides.Length} strides");
        long available = storage.Count * storage.Kind.Element.Size / element.Size, extent;
        string what = $"tensor {StoredTensor.Text(shape)} {element.Name} at {offset} with strides [{string.Join(", ", strides)}]";
        try
        {
            extent = Extent(shape, strides);
            if (offset < 0 || checked(offset + extent) > available) throw Leaves();
            if (checked(Count(shape) * element.Size) > file.Length + ExpansionAllowance)
                throw new FormatException($"its {what} repeats numbers beyond the length of the whole file");
        }
        catch (OverflowException)
        {
            throw Leaves();
        }
        long start = storage.Start * storage.Kind.Element.Size + offset * element.Size;
        return new StoredTensor(file.Path, element.Name, element.Type, shape, type => Read(type));

        FormatException Leaves() => new($"its {what} leaves its storage '{storage.Block.Key}' of {available} elements");

        Tensor Read(ScalarType type)
        {
            using DisposeScope scope = NewDisposeScope();
            if (extent == 0) return empty(shape, dtype: type, device: CPU).MoveToOuterDisposeScope();
            Tensor stored = file.ReadTensor(storage.Block.Offset + start, type, extent);
            if (BigEndian && element.Unit > 1)
                foreach (Tensor piece in TensorBytes.Pieces(stored)) TurnBytes(piece.bytes, element.Unit);
            return stored.as_strided(shape, strides).contiguous().MoveToOuterDisposeScope();
        }
    }

    private static long Count(long[] shape) => shape.Contains(0) ? 0 : shape.Aggregate(1L, (count, d) => checked(count * d));

    /// <summary>From the first element to the last, in elements: i₀…iₙ lies at Σ iₖ·strideₖ.</summary>
    private static long Extent(long[] shape, long[] strides)
        => shape.Contains(0) ? 0 : shape.Zip(strides).Aggregate(1L, (sum, axis) => checked(sum + (axis.First - 1) * axis.Second));

    private static void TurnBytes(Span<byte> numbers, int unit)
    {
        for (int i = 0; i < numbers.Length; i += unit) numbers.Slice(i, unit).Reverse();
    }
}
