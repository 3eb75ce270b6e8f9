using MoCo.Encoders;

namespace MoCo.Interop.Onnx;

/// <summary>From a network to a file, see <c>EncoderFiles.SaveOnnx</c>.</summary>
internal static class OnnxExport
{
    public static void Write(Encoder encoder, string path, OnnxExportOptions options)
    {
        if (encoder.Backbone is not ResNet backbone)
            throw new NotSupportedException($"backbone is a {encoder.Backbone.GetType().Name}; expected a {nameof(ResNet)}.");
        options.Check(backbone.Options.InputChannels);
        Write(encoder, backbone, path, options, options.Embeddings ? "embeddings" : "features", graph =>
        {
            graph.Append(backbone, "backbone.");
            if (options.Embeddings) graph.Append(encoder.Head, "head");
        });
    }

    public static void Write(ResNet network, string path, OnnxExportOptions options)
    {
        options.Check(network.Options.InputChannels);
        Write(network, network, path, options, network.Classes is null ? "features" : "logits", graph => graph.Append(network, ""));
    }

    private static void Write(
        nn.Module root, ResNet backbone, string path, OnnxExportOptions options, string output, Action<EncoderGraph> append)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        EncoderGraph graph = new(new WeightSource(root), options.FoldBatchNorm);
        append(graph);
        if (options.L2Normalize) graph.L2Normalize();
        OnnxDimension[] input = ["batch", backbone.Options.InputChannels, Axis(options.Height, "height"), Axis(options.Width, "width")];
        OnnxFile file = new(graph.Finish(output, input), OnnxMetadata.Of(backbone, options, output));
        AtomicFile.Write(path, file.WriteTo);

        static OnnxDimension Axis(int? size, string name) => size is int known ? known : name;
    }
}
