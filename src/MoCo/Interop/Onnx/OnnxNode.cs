namespace MoCo.Interop.Onnx;

/// <summary>One operation: operator, name (also its output's), inputs and attributes, each a <c>long</c> or a <c>long[]</c>.</summary>
internal sealed record OnnxNode(string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<(string Name, object Value)> Attributes)
{
    /// <summary>The value that the node gives.</summary>
    public string Output { get; init; } = Name;
}
