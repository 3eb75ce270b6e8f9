using MoCo.Tensors;

namespace MoCo.Interop.Onnx;

/// <summary>A finished graph with one input and one output, both float32; nodes stand in the order of computation.</summary>
internal sealed record OnnxGraph(
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyList<OnnxTensor> Constants,
    (string Name, IReadOnlyList<OnnxDimension> Shape) Input,
    (string Name, IReadOnlyList<OnnxDimension> Shape) Output);

/// <summary>One operation: operator, name (also its output's), inputs and attributes, each a <c>long</c> or a <c>long[]</c>.</summary>
internal sealed record OnnxNode(
    string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<(string Name, object Value)> Attributes)
{
    /// <summary>The value that the node gives.</summary>
    public string Output { get; init; } = Name;
}

/// <summary>One axis of an input or output: a fixed size, or a name for any size.</summary>
internal readonly record struct OnnxDimension(long? Size, string? Name)
{
    public static implicit operator OnnxDimension(long size) => new(size, null);

    public static implicit operator OnnxDimension(string name) => new(null, name);
}

/// <summary>A constant of the graph. The numbers are made when they are written, one tensor after another, so that exporting a large
/// encoder does not need its weights a second time in memory.</summary>
internal sealed record OnnxTensor(string Name, long[] Shape, Func<Tensor> Make)
{
    public long Bytes => Shape.Aggregate((long)sizeof(float), (product, d) => checked(product * d));

    /// <summary>Writes the numbers, row-major and little-endian.</summary>
    public void WriteTo(Stream stream)
    {
        using DisposeScope scope = NewDisposeScope();
        stream.WriteTensor(Make().detach().cpu().contiguous());
    }
}
