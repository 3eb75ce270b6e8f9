using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>Computes a model by the operators' definitions (operator set 17); what the file leaves out has the operator's default.</summary>
internal static class OnnxInterpreter
{
    public static Tensor Run(OnnxModel model, Tensor input)
    {
        var values = new Dictionary<string, Tensor>(model.Constants) { [model.Input.Name] = input };
        foreach (ModelNode node in model.Nodes)
            values.Add(node.Output, Compute(node, [.. node.Inputs.Select(name => values[name])])); // every value is made once, before its use
        return values[model.Output.Name];
    }

    private static Tensor Compute(ModelNode node, Tensor[] x) => node.Operator switch
    {
        "Conv" => Convolve(node, x),
        "BatchNormalization" => ((x[0] - Channels(x[3])) / Channels(x[4]).Plus(1e-5f).sqrt() * Channels(x[1])).Plus(Channels(x[2])),
        "Relu" => x[0].relu(),
        "Add" => x[0].Plus(x[1]),
        "MaxPool" => nn.functional.max_pool2d(x[0], Pair(node, "kernel_shape", 1), Pair(node, "strides", 1), Padding(node)),
        "GlobalAveragePool" => x[0].mean([2, 3], keepdim: true),
        "Flatten" => x[0].reshape(x[0].shape[0], -1),
        "Gemm" => Multiply(node, x),
        "ReduceL2" => (x[0] * x[0]).sum(node.Attributes["axes"], keepdim: true).sqrt(),
        "Max" => maximum(x[0], x[1]),
        "Div" => x[0] / x[1],
        _ => throw new InvalidDataException($"{node.Name} is a {node.Operator}"),
    };

    private static Tensor Convolve(ModelNode node, Tensor[] x)
    {
        Assert.Equal(x[1].shape[2..], Pair(node, "kernel_shape", 0));
        return nn.functional.conv2d(x[0], x[1], x.Length > 2 ? x[2] : null, Pair(node, "strides", 1), Padding(node));
    }

    private static Tensor Multiply(ModelNode node, Tensor[] x)
    {
        Assert.Equal([1L], node.Attributes["transB"]);
        Tensor product = x[0].matmul(x[1].t());
        return x.Length > 2 ? product.Plus(x[2]) : product;
    }

    private static Tensor Channels(Tensor perChannel) => perChannel.reshape(-1, 1, 1);

    private static long[] Pair(ModelNode node, string attribute, long otherwise)
        => node.Attributes.TryGetValue(attribute, out long[]? pair) ? pair : [otherwise, otherwise];

    private static long[] Padding(ModelNode node)
    {
        if (!node.Attributes.TryGetValue("pads", out long[]? pads)) return [0, 0];
        Assert.Equal(pads[..2], pads[2..]); // begins, then ends
        return pads[..2];
    }
}
