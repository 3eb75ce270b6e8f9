using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>A tensor that lies in a file: what it is, without its numbers until they are asked for.</summary>
public sealed class StoredTensor
{
    private readonly Func<Tensor> read;

    internal StoredTensor(string typeName, ScalarType? type, IReadOnlyList<long> shape, Func<Tensor> read)
        => (TypeName, Type, Shape, this.read) = (typeName, type, shape, read);

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
        TorchLibrary.Load();
        return read();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Shape.Count == 0 ? "scalar" : string.Join("×", Shape))} {Type?.ToString() ?? TypeName}";
}
