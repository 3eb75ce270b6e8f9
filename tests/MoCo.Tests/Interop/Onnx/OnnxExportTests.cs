using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Interop.Onnx;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

public sealed class OnnxExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Model => folder.File("encoder.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Folding_leaves_no_norm_and_keeping_leaves_one_behind_every_convolution()
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic);
        encoder.SaveOnnx(Model);
        Dictionary<string, int> folded = Operators();
        encoder.SaveOnnx(Model, foldBatchNorm: false);
        Dictionary<string, int> kept = Operators();
        Assert.Equal(20, folded["Conv"]); // torchvision's resnet18: 17 in the path, 3 downsamplings
        Assert.DoesNotContain("BatchNormalization", folded.Keys);
        Assert.Equal((20, 20), (kept["Conv"], kept["BatchNormalization"]));
        Assert.Equal((8, 1, 1), (kept["Add"], kept["MaxPool"], kept["GlobalAveragePool"]));
        Assert.DoesNotContain("Gemm", kept.Keys); // features need no head

        Dictionary<string, int> Operators() => new OnnxModel(Model).Operators.CountBy(name => name).ToDictionary();
    }

    [Fact]
    public void The_file_says_who_made_it_what_it_takes_and_how_images_are_prepared()
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic with { Head = HeadKind.Mlp });
        encoder.SaveOnnx(
            Model, embeddings: true, height: 224, width: 192, normalization: Normalize.ImageNet);
        OnnxModel model = new(Model);
        Assert.Equal((8, ("", 17L)), (model.IrVersion, model.OperatorSet));
        Assert.Equal($"MoCo for .NET {typeof(OnnxExport).Assembly.GetName().Version!.ToString(3)}", model.Producer);
        using OnnxSession session = new(Model);
        Assert.Equal(("input", "batch×3×224×192"), session.Input);
        Assert.Equal(("embeddings", "batch×16"), session.Output);
        IReadOnlyDictionary<string, string> said = session.Metadata;
        Assert.Equal("0.485,0.456,0.406 0.229,0.224,0.225", $"{said["input_mean"]} {said["input_std"]}");
        Assert.Equal("ResNet18 0.125 ImageNet", $"{said["architecture"]} {said["width"]} {said["stem"]}");
        Assert.Equal(
            "RGB 224x192 embeddings false", $"{said["input_channels"]} {said["input_size"]} {said["output"]} {said["l2_normalized"]}");
    }

    [Fact]
    public void The_README_tells_every_metadata_entry_and_every_operator()
    {
        string readme = File.ReadAllText(Repository.File("src", "MoCo", "Interop", "Onnx", "README.md"));
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic with { Head = HeadKind.Mlp });
        encoder.SaveOnnx(
            Model, embeddings: true, l2Normalize: true, foldBatchNorm: false, normalization: Normalize.ImageNet);
        using OnnxSession session = new(Model);
        Assert.All(session.Metadata.Keys, key => Assert.Contains($"`{key}`", readme, StringComparison.Ordinal));
        Assert.All(new OnnxModel(Model).Operators, name => Assert.Matches($@"\b{name}\b", readme));
    }

    [Fact]
    public void Sizes_are_open_and_nothing_is_said_of_a_normalisation_unless_asked_for()
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic);
        encoder.SaveOnnx(Model);
        using (OnnxSession session = new(Model))
        {
            Assert.Equal(("input", "batch×3×height×width"), session.Input);
            Assert.Equal(("features", "batch×64"), session.Output);
            Assert.Equal("anyxany", session.Metadata["input_size"]);
            Assert.DoesNotContain("input_mean", session.Metadata.Keys);
        }
        encoder.SaveOnnx(Model, normalization: Normalize.HalfRange);
        using OnnxSession normalised = new(Model);
        Assert.Equal("0.5,0.5,0.5", normalised.Metadata["input_mean"]); // one statistic serves every channel
    }

    [Fact]
    public void The_mode_and_the_precision_of_training_do_not_show_in_the_file()
    {
        using Encoder plain = OnnxCases.Filled(OnnxCases.Basic);
        using Encoder half = OnnxCases.Filled(OnnxCases.Basic with { BatchNormSplits = 4 }, Precision.BFloat16);
        using FlatParameters flat = new(half); // its convolution weights lie channels-last
        plain.eval();
        half.train();
        plain.SaveOnnx(Model);
        half.SaveOnnx(folder.File("half.onnx"));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(folder.File("half.onnx")));
        Assert.True(half.training);
    }

    [Fact]
    public void A_classifier_gives_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        using ResNet network = new(OnnxCases.Basic, classes: 10);
        FormulaWeights.Fill(network, [.. network.state_dict().Keys]);
        network.SaveOnnx(Model);
        using OnnxSession session = new(Model);
        Assert.Equal(("logits", "batch×10"), session.Output);
        Tensor images = FormulaWeights.Images([2, 3, 32, 32]);
        network.eval();
        Fixture.Near(network.call(images), session.Run(images), 1e-5, "logits");
    }

    [Fact]
    public void A_head_of_plain_layers_is_written_too()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        nn.Module<Tensor, Tensor> head = nn.Sequential(
            ("in", nn.Linear(64, 8, hasBias: false)), ("act", nn.ReLU()), ("same", nn.Identity()),
            ("out", nn.Sequential(("0", nn.Linear(8, 4)))));
        using Encoder encoder = new(new ResNet(OnnxCases.Basic), head);
        encoder.SaveOnnx(Model, embeddings: true);
        Tensor images = OnnxCases.Images(encoder, 2, 32, 32);
        encoder.eval();
        Fixture.Near(encoder.call(images), OnnxSession.Run(Model, images), 1e-5, "embeddings");
    }

    [Fact]
    public void A_row_of_zeros_stays_zero_when_normalised()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic);
        Dictionary<string, Tensor> state = encoder.state_dict();
        state["head.layers.0.weight"].zero_();
        state["head.layers.0.bias"].zero_();
        encoder.SaveOnnx(Model, embeddings: true, l2Normalize: true);
        Fixture.Near(zeros(2, 16), OnnxSession.Run(Model, OnnxCases.Images(encoder, 2, 32, 32)), 0, "normalised zeros");
    }

    [Fact]
    public void Exporting_leaves_no_tensor_behind_and_no_weight_changed()
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic with { Head = HeadKind.Mlp });
        using Encoder twin = OnnxCases.Filled(OnnxCases.Basic with { Head = HeadKind.Mlp });
        encoder.SaveOnnx(Model);
        long before = LiveTensors.Settled();
        encoder.SaveOnnx(Model, embeddings: true, l2Normalize: true);
        encoder.SaveOnnx(Model, foldBatchNorm: false);
        Assert.Equal(before, LiveTensors.Settled());
        foreach ((string name, Tensor value) in twin.state_dict()) Fixture.Near(value, encoder.state_dict()[name], 0, name);
    }
}
