using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Interop.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

public sealed class OnnxErrorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Encoder encoder = OnnxCases.Filled(OnnxCases.Basic);

    private string Model => folder.File("encoder.onnx");

    public void Dispose()
    {
        encoder.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Errors_of_the_options_are_all_named_at_once()
    {
        using Encoder grey = OnnxCases.Filled(OnnxCases.Basic with { InputChannels = 1 });
        Refused<ArgumentException>(
            () => grey.SaveOnnx(Model, height: 0, width: -1, normalization: Normalize.ImageNet),
            "height is 0; expected 1 or more, or null for any.",
            "width is -1; expected 1 or more", "normalization.Channels is 3; expected 1, the encoder's.");
    }

    [Fact]
    public void Modules_without_a_place_in_the_model_are_named()
    {
        using Encoder foreignBackbone = new(new TinyBackbone(1), nn.Identity());
        Refused<NotSupportedException>(() => foreignBackbone.SaveOnnx(Model), "backbone is a TinyBackbone; expected a ResNet.");
        using Encoder foreignHead = new(
            new ResNet(OnnxCases.Basic), nn.Sequential(("0", nn.Linear(64, 4)), ("1", new TinyBackbone(1))));
        Refused<NotSupportedException>(
            () => foreignHead.SaveOnnx(Model, embeddings: true),
            "head.1 is a TinyBackbone; expected a ProjectionHead, Sequential, Linear, ReLU or Identity.");
        foreignHead.SaveOnnx(Model); // features do not pass through the head
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_diverged_encoder_is_refused_and_the_older_file_stands(float value)
    {
        encoder.SaveOnnx(Model);
        byte[] before = File.ReadAllBytes(Model);
        using (no_grad()) encoder.state_dict()["backbone.layer2.0.bn1.running_var"][3].Fill(value);
        Refused<InvalidOperationException>(
            () => encoder.SaveOnnx(Model), "backbone.layer2.0.bn1.running_var holds ", "expected finite numbers");
        Assert.Equal(before, File.ReadAllBytes(Model));
    }

    [Fact]
    public void Weights_of_another_type_are_refused()
    {
        encoder.to(ScalarType.Float64);
        Refused<InvalidOperationException>(() => encoder.SaveOnnx(Model), "backbone.conv1.weight is Float64; expected Float32.");
    }

    [Fact]
    public void A_disposed_encoder_is_refused()
    {
        Encoder gone = OnnxCases.Filled(OnnxCases.Basic);
        gone.Dispose();
        Refused<InvalidOperationException>(
            () => gone.SaveOnnx(Model), "backbone.conv1.weight is gone; the encoder was disposed before its export.");
    }

    [Fact]
    public void More_than_two_gigabytes_are_refused_before_any_is_written()
    {
        OnnxGraph graph = new(
            [], [new OnnxTensor("w", [1L << 29], () => throw new InvalidOperationException("written"))], ("input", ["batch"]),
            ("features", ["batch"]));
        Refused<NotSupportedException>(
            () => _ = new OnnxFile(graph, []), "one ONNX file, a single protobuf message, holds at most 2147483647");
        OnnxGraph smaller = new([], [graph.Constants[0] with { Shape = [(1L << 29) - 256] }], graph.Input, graph.Output);
        Assert.InRange(new OnnxFile(smaller, []).Bytes, int.MaxValue - 1100, int.MaxValue);
    }

    [Fact]
    public void The_file_is_as_long_as_was_reckoned()
    {
        OnnxGraph graph = new([], [new OnnxTensor("w", [300, 7], () => ones(300, 7))], ("input", ["batch"]), ("features", ["batch"]));
        OnnxFile file = new(graph, [("key", "value")]);
        using MemoryStream stream = new();
        file.WriteTo(stream);
        Assert.Equal(file.Bytes, stream.Length);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_an_IOException()
    {
        string file = folder.Write("file", [1]);
        Assert.ThrowsAny<IOException>(() => encoder.SaveOnnx(Path.Combine(file, "encoder.onnx")));
        Assert.Throws<ArgumentException>(() => encoder.SaveOnnx(" "));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    private static void Refused<T>(Action export, params string[] parts)
        where T : Exception
    {
        string message = Assert.Throws<T>(export).Message;
        foreach (string part in parts) Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
