namespace MoCo.Tensors;

/// <summary>A tensor that lies in a file: what it is, without its numbers until they are asked for.</summary>
public sealed class StoredTensor
{
    private readonly string path;
    private readonly Func<ScalarType, Tensor> read;

    internal StoredTensor(string path, string typeName, ScalarType? type, IReadOnlyList<long> shape, Func<ScalarType, Tensor> read)
        => (this.path, TypeName, Type, Shape, this.read) = (path, typeName, type, shape, read);

    /// <summary>The element type as the file's format calls it: <c>F32</c>, <c>float32</c>.</summary>
    public string TypeName { get; }

    /// <summary>The element type, or null where TorchSharp has none for it.</summary>
    public ScalarType? Type { get; }

    /// <summary>Its shape; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Reads it into memory of its own: contiguous, on the CPU, without gradient; the caller's to dispose.</summary>
    /// <exception cref="NotSupportedException">TorchSharp has no such element type.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Tensor Read()
    {
        if (Type is not ScalarType type)
            throw new NotSupportedException($"{path} has a tensor of {TypeName}, which TorchSharp can't hold.");
        TorchLibrary.Load();
        return read(type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Text(Shape)} {Type?.ToString() ?? TypeName}";

    /// <summary>The same tensor, read in another way.</summary>
    internal StoredTensor As(ScalarType type, IReadOnlyList<long> shape, Func<Tensor> readSo)
        => new(path, type.ToString(), type, shape, _ => readSo());

    internal static string Text(IReadOnlyList<long> shape) => shape.Count == 0 ? "scalar" : string.Join("×", shape);
}
