using MoCo.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop.Pickle;

/// <summary>Makes tensors of a checkpoint's storages: every size, offset and stride is checked against the storage before anything is read.</summary>
internal sealed class TensorSource(DataFile file)
{
    private const int RankLimit = 64;

    /// <summary>What a tensor may take beyond its file's length: expanded tensors repeat their numbers.</summary>
    private const long ExpansionAllowance = 16 << 20;

    /// <summary>Whether the storages' numbers are big-endian.</summary>
    public bool BigEndian { get; set; }

    /// <summary><c>_rebuild_tensor_v2(storage, offset, size, stride, …)</c></summary>
    public object? Rebuild(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, ..])
            throw new FormatException("it builds a tensor of something that is no storage, offset, size and stride");
        return Make(storage, storage.Kind.Element, offset, Numbers(size), Numbers(stride));
    }

    /// <summary><c>_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, …)</c></summary>
    public object? RebuildTyped(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, object?[] size, object?[] stride, _, _, TorchElement element, ..])
            throw new FormatException("it builds a tensor of something that is no storage, offset, size, stride and type");
        return Make(storage, element, offset, Numbers(size), Numbers(stride));
    }

    private static long[] Numbers(object?[] values)
    {
        if (values.Length > RankLimit) throw new FormatException($"it builds a tensor of {values.Length} dimensions; expected up to {RankLimit}");
        return [.. values.Select(value => value is long number and >= 0 ? number : throw new FormatException($"it builds a tensor with the size or stride {value ?? "None"}; expected a whole number from 0"))];
    }

    private StoredTensor Make(TorchStorage storage, TorchElement element, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length) throw new FormatException($"it builds a tensor of {shape.Length} dimensions with {strides.Length} strides");
        long available = storage.Count * storage.Kind.Element.Size / element.Size;
        string what = $"tensor {(shape.Length == 0 ? "scalar" : string.Join("×", shape))} {element.Name} at {offset} with strides [{string.Join(", ", strides)}]";
        try
        {
            long count = Strides.Count(shape), extent = Strides.Extent(shape, strides);
            if (offset < 0 || checked(offset + extent) > available)
                throw new FormatException($"its {what} leaves its storage '{storage.Block.Key}' of {available} elements");
            if (checked(count * element.Size) > file.Length + ExpansionAllowance)
                throw new FormatException($"its {what} repeats numbers beyond the length of the whole file");
        }
        catch (OverflowException)
        {
            throw new FormatException($"its {what} leaves its storage '{storage.Block.Key}' of {available} elements");
        }
        long start = storage.Start * storage.Kind.Element.Size + offset * element.Size;
        return new StoredTensor(element.Name, element.Type, shape, () => Read(storage.Block, start, element, shape, strides));
    }

    private Tensor Read(TorchBlock block, long start, TorchElement element, long[] shape, long[] strides)
    {
        if (element.Type is not ScalarType type) throw new NotSupportedException($"{file.Path} has a tensor of {element.Name}, which TorchSharp can't hold.");
        Tensor tensor = empty(shape, dtype: type, device: CPU);
        try
        {
            long bytes = Strides.Count(shape) * element.Size;
            if (bytes == 0) return tensor;
            if (Strides.AreRowMajor(shape, strides) && !BigEndian)
            {
                using Stream section = file.Section(block.Offset + start, bytes);
                tensor.ReadBytesFromStream(section, (int)Math.Min(bytes, 1 << 20));
                return tensor;
            }
            long extent = Strides.Extent(shape, strides) * element.Size;
            if (bytes > int.MaxValue || extent > int.MaxValue)
                throw new NotSupportedException($"{file.Path} has a {string.Join("×", shape)} tensor of {bytes} bytes that is strided or big-endian; expected up to 2 GB. Save it contiguous.");
            Strides.Gather(file.Map(block.Offset + start, (int)extent).Span, shape, strides, element.Size, tensor.bytes);
            if (BigEndian) Strides.TurnBytes(tensor.bytes, element.Unit);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}
