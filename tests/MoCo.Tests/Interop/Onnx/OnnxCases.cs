using MoCo.Encoders;
using MoCo.Interop.Onnx;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>Encoders that between them have every stem, block, head and option, and statistics that no new network has.</summary>
internal static class OnnxCases
{
    public static TheoryData<string> Names => [.. All];

    public static IEnumerable<string> All => Cases.Keys;

    private static readonly Dictionary<string, (EncoderOptions Encoder, OnnxExportOptions Export)> Cases = new()
    {
        ["basic blocks, features"] = (Basic, new()),
        ["basic blocks, features, norms kept"] = (Basic, new() { FoldBatchNorm = false }),
        ["deeper, small stem, linear head"] = (
            Basic with { Backbone = Backbone.ResNet34, Stem = Stem.SmallImage }, new() { Embeddings = true }),
        ["grey, stride-2 stem, MLP head, unit length"] = (
            Basic with { Stem = Stem.SmallImageStride2, InputChannels = 1, Head = HeadKind.Mlp },
            new() { Embeddings = true, L2Normalize = true }),
        ["bottlenecks, MLP head, norms kept, unit length"] = (
            Bottlenecks with { Head = HeadKind.Mlp }, new() { Embeddings = true, FoldBatchNorm = false, L2Normalize = true }),
        ["bottlenecks, small stem, unit length"] = (Bottlenecks with { Stem = Stem.SmallImage }, new() { L2Normalize = true }),
        ["wide bottlenecks, split norms"] = (
            Bottlenecks with { Backbone = Backbone.WideResNet50, BatchNormSplits = 4, Head = HeadKind.Mlp },
            new() { Embeddings = true }),
        ["head of MoCo v3"] = (
            Basic with { Head = HeadKind.BatchNormMlp, HiddenDimension = 24 }, new() { Embeddings = true }),
        ["the first features, unit length"] = (
            Basic with { Head = HeadKind.Direct }, new() { Embeddings = true, L2Normalize = true }),
        ["split norms kept"] = (Basic with { BatchNormSplits = 2 }, new() { FoldBatchNorm = false }),
    };

    public static EncoderOptions Basic
        => new() { Backbone = Backbone.ResNet18, Width = 0.125, EmbeddingDimension = 16, BatchNormSplits = 1 };

    private static EncoderOptions Bottlenecks
        => new() { Backbone = Backbone.ResNet50, Width = 0.125, EmbeddingDimension = 16, BatchNormSplits = 1 };

    public static (Encoder Encoder, OnnxExportOptions Options) Make(string name)
    {
        (EncoderOptions encoder, OnnxExportOptions export) = Cases[name];
        return (Filled(encoder), export);
    }

    /// <summary>An encoder in whose BatchNorms every number differs from its initial value.</summary>
    public static Encoder Filled(EncoderOptions options, Precision precision = Precision.Float32)
    {
        Encoder encoder = Encoder.Create(options, precision);
        using IDisposable _ = no_grad();
        FormulaWeights.Fill(encoder, [.. encoder.state_dict().Keys]);
        return encoder;
    }

    /// <summary>What the encoder itself gives in evaluation mode.</summary>
    public static Tensor Expected(Encoder encoder, OnnxExportOptions options, Tensor images)
    {
        encoder.eval();
        Tensor result = options.Embeddings ? encoder.call(images) : encoder.features(images);
        return options.L2Normalize ? nn.functional.normalize(result, dim: 1) : result;
    }

    /// <summary>N×C×H×W images for the encoder.</summary>
    public static Tensor Images(Encoder encoder, long count, long height, long width)
        => FormulaWeights.Images([count, ((ResNet)encoder.Backbone).Options.InputChannels, height, width]);
}
