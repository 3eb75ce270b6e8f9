namespace MoCo.Interop.Onnx;

/// <summary>A model as the bytes of one protobuf message (onnx.proto's ModelProto); the numbers of its fields are that file's.</summary>
internal sealed class OnnxFile
{
    private const int IrVersion = 8, OperatorSet = 17, Float = 1, IntegerAttribute = 2, IntegersAttribute = 7;
    private const long Limit = int.MaxValue; // protobuf's own, for one message

    private readonly OnnxGraph graph;
    private readonly ProtobufMessage beforeGraph; // everything of the model but the graph's content
    private readonly ProtobufMessage beforeConstants; // everything of the graph but its constants

    /// <exception cref="NotSupportedException">The model is larger than readers of one message take.</exception>
    public OnnxFile(OnnxGraph graph, IReadOnlyList<(string Key, string Value)> metadata)
    {
        this.graph = graph;
        beforeConstants = new ProtobufMessage();
        foreach (OnnxNode node in graph.Nodes) beforeConstants.Message(1, Node(node));
        beforeConstants.Text(2, "encoder")
            .Message(11, Value(graph.Input.Name, graph.Input.Shape))
            .Message(12, Value(graph.Output.Name, graph.Output.Shape));

        long graphBytes = beforeConstants.Length + graph.Constants.Sum(constant => Field(constant).Length + constant.Bytes);
        beforeGraph = new ProtobufMessage()
            .Number(1, IrVersion)
            .Text(2, "MoCo for .NET")
            .Text(3, typeof(OnnxFile).Assembly.GetName().Version!.ToString(3))
            .Message(8, new ProtobufMessage().Text(1, "").Number(2, OperatorSet));
        foreach ((string key, string value) in metadata) beforeGraph.Message(14, new ProtobufMessage().Text(1, key).Text(2, value));
        beforeGraph.Begin(7, graphBytes);

        Bytes = beforeGraph.Length + graphBytes;
        if (Bytes <= Limit) return;
        throw new NotSupportedException($"The model would have {Bytes} bytes; "
            + $"one ONNX file, a single protobuf message, holds at most {Limit}. Save the weights as safetensors instead.");
    }

    public long Bytes { get; }

    public void WriteTo(Stream stream)
    {
        beforeGraph.WriteTo(stream);
        beforeConstants.WriteTo(stream);
        foreach (OnnxTensor constant in graph.Constants)
        {
            Field(constant).WriteTo(stream);
            constant.WriteTo(stream);
        }
    }

    private static ProtobufMessage Node(OnnxNode node)
    {
        ProtobufMessage message = new();
        foreach (string input in node.Inputs) message.Text(1, input);
        message.Text(2, node.Output).Text(3, node.Name).Text(4, node.Operator);
        foreach ((string name, object value) in node.Attributes)
        {
            ProtobufMessage attribute = new ProtobufMessage().Text(1, name);
            if (value is long[] numbers) attribute.Numbers(8, numbers).Number(20, IntegersAttribute);
            else attribute.Number(3, (long)value).Number(20, IntegerAttribute);
            message.Message(5, attribute);
        }
        return message;
    }

    private static ProtobufMessage Value(string name, IReadOnlyList<OnnxDimension> shape)
    {
        ProtobufMessage axes = new();
        foreach (OnnxDimension dimension in shape)
        {
            ProtobufMessage axis = new();
            axes.Message(1, dimension.Size is long size ? axis.Number(1, size) : axis.Text(2, dimension.Name!));
        }
        ProtobufMessage tensor = new ProtobufMessage().Number(1, Float).Message(2, axes);
        return new ProtobufMessage().Text(1, name).Message(2, new ProtobufMessage().Message(1, tensor));
    }

    /// <summary>A constant up to where its numbers begin.</summary>
    private static ProtobufMessage Field(OnnxTensor constant)
    {
        ProtobufMessage tensor = new ProtobufMessage()
            .Numbers(1, constant.Shape).Number(2, Float).Text(8, constant.Name).Begin(9, constant.Bytes);
        return new ProtobufMessage().Begin(5, tensor.Length + constant.Bytes).Append(tensor);
    }
}
