namespace MoCo.Interop.Onnx;

/// <summary>A finished graph with one input and one output, both float32; nodes stand in the order of computation.</summary>
internal sealed record OnnxGraph(
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyList<OnnxTensor> Constants,
    (string Name, IReadOnlyList<OnnxDimension> Shape) Input,
    (string Name, IReadOnlyList<OnnxDimension> Shape) Output);
