namespace MoCo.Interop.Onnx;

/// <summary>One axis of an input or output: a fixed size, or a name for any size.</summary>
internal readonly record struct OnnxDimension(long? Size, string? Name)
{
    public static implicit operator OnnxDimension(long size) => new(size, null);

    public static implicit operator OnnxDimension(string name) => new(null, name);
}
