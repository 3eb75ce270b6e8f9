namespace MoCo.Interop.PyTorch;

/// <summary>An element type of PyTorch's.</summary>
/// <param name="Name">As in <c>torch.float32</c>.</param>
/// <param name="Storage">As in <c>torch.FloatStorage</c>; null where PyTorch has none.</param>
/// <param name="Type">TorchSharp's, or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Unit">Bytes that byte order turns as one; half of <paramref name="Size"/> for complex numbers.</param>
internal sealed record TorchElement(string Name, string? Storage, ScalarType? Type, int Size, int Unit)
{
    private static readonly TorchElement[] Known =
    [
        new("float32", "FloatStorage", ScalarType.Float32, 4, 4), new("float64", "DoubleStorage", ScalarType.Float64, 8, 8),
        new("float16", "HalfStorage", ScalarType.Float16, 2, 2), new("bfloat16", "BFloat16Storage", ScalarType.BFloat16, 2, 2),
        new("int64", "LongStorage", ScalarType.Int64, 8, 8), new("int32", "IntStorage", ScalarType.Int32, 4, 4),
        new("int16", "ShortStorage", ScalarType.Int16, 2, 2), new("int8", "CharStorage", ScalarType.Int8, 1, 1),
        new("uint8", "ByteStorage", ScalarType.Byte, 1, 1), new("bool", "BoolStorage", ScalarType.Bool, 1, 1),
        new("complex64", "ComplexFloatStorage", ScalarType.ComplexFloat32, 8, 4),
        new("complex128", "ComplexDoubleStorage", ScalarType.ComplexFloat64, 16, 8),
        new("uint16", null, null, 2, 2), new("uint32", null, null, 4, 4), new("uint64", null, null, 8, 8),
        new("float8_e5m2", null, null, 1, 1), new("float8_e4m3fn", null, null, 1, 1),
    ];

    /// <summary>What an untyped storage counts in.</summary>
    public static TorchElement Byte { get; } = Known[8];

    public static TorchElement? OfName(string name) => Array.Find(Known, e => e.Name == name);

    public static TorchElement? OfStorage(string name) => Array.Find(Known, e => e.Storage == name);

    public static TorchElement Of(ScalarType type) => Array.Find(Known, e => e.Type == type)
        ?? throw new NotSupportedException(
            $"Tensors of {type} can't be written; expected one of {string.Join(", ", Known.Select(e => e.Type).OfType<ScalarType>())}.");
}

/// <summary>A class of storages, as a pickle names it: <c>torch.FloatStorage</c>; untyped ones count in bytes and leave the type to the
/// tensor.</summary>
internal sealed record TorchStorageClass(TorchElement Element);

/// <summary>A pickle's reference to a run of elements within a block; storages of one key share the block.</summary>
internal sealed record TorchStorage(TorchStorageClass Kind, TorchBlock Block, long Start, long Count)
{
    public static FormatException Missing()
        => new("it refers to something that is no storage (it may be a whole saved module; save its state_dict instead)");
}

/// <summary>A block of bytes in the file, known once the file's directory or the legacy format's last part was read.</summary>
internal sealed class TorchBlock(string key)
{
    public string Key => key;

    /// <summary>First byte in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Bytes that the references ask for.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of one element: the legacy format counts in elements.</summary>
    public int ElementSize { get; init; }

    /// <summary>Whether the bytes were found in the file.</summary>
    public bool Found { get; set; }
}
