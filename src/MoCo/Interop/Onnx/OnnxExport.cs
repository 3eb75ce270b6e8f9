using MoCo.Encoders;
using MoCo.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop.Onnx;

/// <summary>
/// Writes an encoder as an ONNX model (operator set 17, IR version 8): one file that ONNX Runtime, OpenCV and the browser
/// run without this library. Input <c>input</c>: N×C×H×W float32 with any N; output <c>features</c>, <c>embeddings</c> or
/// <c>logits</c>: N×D float32. The model is the encoder in evaluation mode, whichever mode it is in: BatchNorm, split or
/// not, uses the running statistics. Arithmetic is float32, also for encoders that train in bfloat16.
/// </summary>
public static class OnnxExport
{
    /// <summary>Writes an encoder, atomically; an error leaves an older file whole.</summary>
    /// <param name="encoder">An encoder on a <see cref="ResNet"/>, on any device; its head may be a <see cref="ProjectionHead"/> or consist of Linear, ReLU, Identity and Sequential.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="options">What to write; null takes the defaults.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    /// <exception cref="NotSupportedException">A module has no place in the model (its name and type are told), or the model would pass 2 GB, the most that one ONNX file holds.</exception>
    /// <exception cref="InvalidOperationException">A weight is disposed, not float32, or holds NaN or infinity.</exception>
    /// <exception cref="IOException">The file can't be written, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the older file may not be written.</exception>
    public static void Save(Encoder encoder, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        options ??= new OnnxExportOptions();
        if (encoder.Backbone is not ResNet backbone)
            throw new NotSupportedException($"backbone is a {encoder.Backbone.GetType().Name}; expected a {nameof(ResNet)}.");
        Check(options, backbone);
        Write(encoder, backbone, path, options, options.Output == OnnxOutput.Features ? "features" : "embeddings", graph =>
        {
            graph.Append(backbone, "backbone.");
            if (options.Output == OnnxOutput.Embeddings) graph.Append(encoder.Head, "head");
        });
    }

    /// <summary>Writes a bare network: its features, or the logits of one with <see cref="ResNet.Classes"/>. Atomic.</summary>
    /// <param name="network">The network, on any device.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="options">What to write; null takes the defaults.</param>
    /// <exception cref="ArgumentException">The options have errors, or ask for embeddings, which a bare network lacks.</exception>
    /// <exception cref="NotSupportedException">The model would pass 2 GB, the most that one ONNX file holds.</exception>
    /// <exception cref="InvalidOperationException">A weight is disposed, not float32, or holds NaN or infinity.</exception>
    /// <exception cref="IOException">The file can't be written, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the older file may not be written.</exception>
    public static void Save(ResNet network, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        options ??= new OnnxExportOptions();
        Check(options, network);
        if (options.Output == OnnxOutput.Embeddings)
            throw new ArgumentException($"Output is {options.Output}; expected {OnnxOutput.Features}, since a bare {nameof(ResNet)} has no head.", nameof(options));
        Write(network, network, path, options, network.Classes is null ? "features" : "logits", graph => graph.Append(network, ""));
    }

    private static void Check(OnnxExportOptions options, ResNet backbone)
    {
        if (options.Errors(backbone.Options.InputChannels) is { Count: > 0 } errors)
            throw new ArgumentException("The export's options are not valid: " + string.Join(" ", errors), nameof(options));
    }

    private static void Write(nn.Module root, ResNet backbone, string path, OnnxExportOptions options, string output, Action<EncoderGraph> append)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        var graph = new EncoderGraph(new WeightSource(root), options.FoldBatchNorm);
        append(graph);
        if (options.L2Normalize) graph.L2Normalize();
        OnnxGraph finished = graph.Finish(output, ["batch", backbone.Options.InputChannels, Axis(options.Height, "height"), Axis(options.Width, "width")]);
        var file = new OnnxFile(finished, OnnxMetadata.Of(backbone, options, output));
        AtomicFile.Write(path, file.WriteTo);

        static OnnxDimension Axis(int? size, string name) => size is int known ? known : name;
    }
}
