namespace MoCo.Tests.Interop.Onnx;

/// <summary>What a file says that ONNX Runtime does not tell.</summary>
internal sealed class OnnxModel
{
    public OnnxModel(string path)
    {
        WireMessage model = new(File.ReadAllBytes(path)); // onnx.proto's ModelProto
        IrVersion = model.Long(1);
        Producer = $"{model.Text(2)} {model.Text(3)}";
        WireMessage operatorSet = model.Message(8);
        OperatorSet = (operatorSet.Text(1), operatorSet.Long(2));
        Operators = [.. model.Message(7).Messages(1).Select(node => node.Text(4))];
    }

    public long IrVersion { get; }

    public string Producer { get; }

    public (string Domain, long Version) OperatorSet { get; }

    /// <summary>The operator of each node, in the file's order.</summary>
    public string[] Operators { get; }
}
