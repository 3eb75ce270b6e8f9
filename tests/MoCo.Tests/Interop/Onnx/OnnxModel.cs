using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>An operation as the file has it.</summary>
internal sealed record ModelNode(string Operator, string Name, string[] Inputs, string Output, Dictionary<string, long[]> Attributes);

/// <summary>What a test wants to know of an ONNX file.</summary>
internal sealed class OnnxModel
{
    public OnnxModel(string path)
    {
        var model = new ProtobufReader(File.ReadAllBytes(path));
        IrVersion = model.Number(1);
        Producer = $"{model.Text(2)} {model.Text(3)}";
        ProtobufReader operators = model.Message(8);
        OperatorSet = (operators.Text(1), operators.Number(2));
        Metadata = model.Messages(14).ToDictionary(entry => entry.Text(1), entry => entry.Text(2));

        ProtobufReader graph = model.Message(7);
        Nodes = [.. graph.Messages(1).Select(Node)];
        Input = Value(graph.Message(11));
        Output = Value(graph.Message(12));
        Constants = graph.Messages(5).ToDictionary(tensor => tensor.Text(8), Constant);
    }

    public long IrVersion { get; }

    public string Producer { get; }

    public (string Domain, long Version) OperatorSet { get; }

    public Dictionary<string, string> Metadata { get; }

    public ModelNode[] Nodes { get; }

    public (string Name, string Shape) Input { get; }

    public (string Name, string Shape) Output { get; }

    public Dictionary<string, Tensor> Constants { get; }

    private static ModelNode Node(ProtobufReader node)
        => new(node.Text(4), node.Text(3), [.. node.Texts(1)], node.Text(2), node.Messages(5).ToDictionary(attribute => attribute.Text(1), Attribute));

    private static long[] Attribute(ProtobufReader attribute) => attribute.Number(20) switch
    {
        2 => [attribute.Number(3)],
        7 => [.. attribute.Numbers(8)],
        long type => throw new InvalidDataException($"attribute type {type}"),
    };

    private static (string Name, string Shape) Value(ProtobufReader value)
    {
        ProtobufReader tensor = value.Message(2).Message(1);
        Assert.Equal(1, tensor.Number(1)); // float
        IEnumerable<string> axes = tensor.Message(2).Messages(1).Select(axis => axis.Numbers(1).Any() ? $"{axis.Number(1)}" : axis.Text(2));
        return (value.Text(1), string.Join("×", axes));
    }

    private static Tensor Constant(ProtobufReader constant)
    {
        Assert.Equal(1, constant.Number(2)); // float
        using Tensor numbers = tensor(MemoryMarshal.Cast<byte, float>(constant.Bytes(9).Span).ToArray());
        return numbers.reshape([.. constant.Numbers(1)]);
    }
}
