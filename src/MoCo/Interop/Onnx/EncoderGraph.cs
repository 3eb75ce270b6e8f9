using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using TorchSharp.Modules;

namespace MoCo.Interop.Onnx;

/// <summary>Builds the graph of an encoder module by module, in the order of its forward pass; values and constants carry the modules'
/// names.</summary>
internal sealed class EncoderGraph(WeightSource weights, bool foldBatchNorm)
{
    private readonly List<OnnxNode> nodes = [];
    private readonly List<OnnxTensor> constants = [];
    private string current = "input";
    private long width;

    /// <summary>A residual network: N×C×H×W → N×F, or N×classes with <c>fc</c>.</summary>
    public void Append(ResNet network, string prefix)
    {
        Convolution(prefix, "conv1", "bn1", network.Options.Stem == Stem.SmallImage ? 1 : 2);
        Node("Relu", prefix + "relu");
        if (network.Options.Stem == Stem.ImageNet) Node("MaxPool", prefix + "maxpool", [], Window(3, 2));

        ResNetArchitecture architecture = ResNetArchitecture.Of(network.Options.Backbone);
        for (int stage = 0; stage < architecture.Blocks.Length; stage++)
            for (int block = 0; block < architecture.Blocks[stage]; block++)
                Block($"{prefix}layer{stage + 1}.{block}.", architecture.Bottleneck, stride: stage > 0 && block == 0 ? 2 : 1);

        Node("GlobalAveragePool", prefix + "avgpool");
        Node("Flatten", prefix + "flatten", [], ("axis", 1L));
        width = network.FeatureDimension;
        if (network.Classes is not null) LinearLayer(prefix + "fc");
    }

    /// <summary>A head: N×F → N×D.</summary>
    /// <exception cref="NotSupportedException">It holds a module that is no Linear, ReLU, Identity or Sequential.</exception>
    public void Append(nn.Module head, string name)
    {
        switch (head)
        {
            case ProjectionHead { Kind: HeadKind.Direct, EmbeddingDimension: int first }:
                FirstOf(first, name);
                break;
            case ProjectionHead or BatchNormMlp or Sequential:
                foreach ((string child, nn.Module module) in head.named_children()) Append(module, $"{name}.{child}");
                break;
            case Linear:
                LinearLayer(name);
                break;
            case FeatureBatchNorm:
                Normed(name);
                break;
            case ReLU:
                Node("Relu", name);
                break;
            case Identity:
                break;
            default:
                throw new NotSupportedException(
                    $"{name} is a {head.GetType().Name}; expected a {nameof(ProjectionHead)}, Sequential, Linear, ReLU or Identity.");
        }
    }

    /// <summary>x / max(‖x‖₂, 1e-12), as torch's normalize: a row of zeros stays one.</summary>
    public void L2Normalize()
    {
        string rows = current;
        Constant("l2.epsilon", [], () => tensor(1e-12f));
        Node("ReduceL2", "l2.norm", [], ("axes", new long[] { 1 }), ("keepdims", 1L));
        Node("Max", "l2.bounded", ["l2.epsilon"]);
        string divisor = current;
        current = rows;
        Node("Div", "l2.normalized", [divisor]);
    }

    /// <summary>The graph, its last value renamed to <paramref name="output"/>.</summary>
    public OnnxGraph Finish(string output, OnnxDimension[] input)
    {
        nodes[^1] = nodes[^1] with { Output = output };
        return new OnnxGraph(nodes, constants, ("input", input), (output, [input[0], width]));
    }

    private void Block(string prefix, bool bottleneck, int stride)
    {
        string identity = current;
        Convolution(prefix, "conv1", "bn1", bottleneck ? 1 : stride);
        Node("Relu", prefix + "relu1");
        Convolution(prefix, "conv2", "bn2", bottleneck ? stride : 1);
        if (bottleneck)
        {
            Node("Relu", prefix + "relu2");
            Convolution(prefix, "conv3", "bn3", 1);
        }
        string residual = current;
        if (weights.Has(prefix + "downsample.0.weight"))
        {
            current = identity;
            Convolution(prefix, "downsample.0", "downsample.1", stride);
            identity = current;
        }
        current = residual;
        Node("Add", prefix + "add", [identity]);
        Node("Relu", prefix + "relu");
    }

    private void Convolution(string prefix, string convolution, string norm, long stride)
    {
        string name = prefix + convolution;
        FoldedConvolution folded = new(weights, name, prefix + norm);
        (string, object)[] window = Window(folded.Shape[2], stride);
        if (foldBatchNorm)
        {
            Constant(name + ".weight", folded.Shape, folded.Weight);
            Constant(name + ".bias", [folded.Shape[0]], folded.Bias);
            Node("Conv", name, [name + ".weight", name + ".bias"], window);
            return;
        }
        Node("Conv", name, [Constant(name + ".weight")], window);
        Normed(prefix + norm);
    }

    /// <summary>A BatchNorm; one without scale and shift has ones and zeros in their place.</summary>
    private void Normed(string name)
    {
        string weight = OrPlain(name + ".weight", 1), bias = OrPlain(name + ".bias", 0);
        // The operator's own default of epsilon is 1e-5, and its default mode is inference.
        Node("BatchNormalization", name, [weight, bias, Constant(name + ".running_mean"), Constant(name + ".running_var")]);

        string OrPlain(string parameter, float plain) => weights.Has(parameter) ? Constant(parameter)
            : Constant(parameter, [width], () => tensor([.. Enumerable.Repeat(plain, (int)width)]));
    }

    private static (string, object)[] Window(long kernel, long stride) =>
    [
        ("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }),
        ("pads", Enumerable.Repeat(kernel / 2, 4).ToArray()),
    ];

    private void LinearLayer(string name)
    {
        width = weights.Get(name + ".weight").shape[0];
        string weight = Constant(name + ".weight");
        Node("Gemm", name, weights.Has(name + ".bias") ? [weight, Constant(name + ".bias")] : [weight], ("transB", 1L));
    }

    /// <summary>The first numbers of each row.</summary>
    private void FirstOf(int count, string name)
    {
        // Not Slice: what infers shapes does not look into constants, and so finds none.
        string first = $"{name}.first";
        nodes.Add(new OnnxNode("Constant", first, [], [("value_ints", Enumerable.Range(0, count).Select(i => (long)i).ToArray())]));
        Node("Gather", name, [first], ("axis", 1L));
        width = count;
    }

    /// <summary>Adds an operation on the current value and further inputs; its result becomes the current value.</summary>
    private void Node(string operation, string name, string[]? inputs = null, params (string, object)[] attributes)
    {
        nodes.Add(new OnnxNode(operation, name, [current, .. inputs ?? []], attributes));
        current = name;
    }

    /// <summary>Adds a weight under its own name.</summary>
    private string Constant(string name)
    {
        Tensor weight = weights.Get(name);
        return Constant(name, weight.shape, () => weight.alias());
    }

    private string Constant(string name, long[] shape, Func<Tensor> make)
    {
        constants.Add(new OnnxTensor(name, shape, make));
        return name;
    }
}
