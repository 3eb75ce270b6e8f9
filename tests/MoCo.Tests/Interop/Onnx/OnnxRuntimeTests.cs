using Microsoft.ML.OnnxRuntime;
using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using MoCo.Interop;
using MoCo.Interop.Onnx;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>ONNX Runtime computes what the encoder does in evaluation mode, to 1e-5 of the largest number (or of 1).</summary>
public sealed class OnnxRuntimeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradients = no_grad();

    private string Model => folder.File("encoder.onnx");

    public static IEnumerable<object[]> Networks
        => from backbone in ResNetArchitecture.All from stem in Enum.GetValues<Stem>() select new object[] { backbone.Name, stem };

    public void Dispose()
    {
        noGradients.Dispose();
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_architecture_and_stem_with_norms_folded_and_kept(string backbone, Stem stem)
    {
        using Encoder encoder = OnnxCases.Filled(new EncoderOptions { Backbone = Backbone.Of(backbone), Stem = stem, Width = 0.0625 });
        foreach (bool fold in new[] { true, false }) Same(encoder, new OnnxExportOptions { FoldBatchNorm = fold }, (2, 32, 32));
    }

    [Theory]
    [MemberData(nameof(OnnxCases.Names), MemberType = typeof(OnnxCases))]
    public void Every_option_for_any_batch_and_size(string name)
    {
        (Encoder encoder, OnnxExportOptions options) = OnnxCases.Make(name);
        using (encoder) Same(encoder, options, (1, 32, 32), (5, 40, 24), (2, 33, 57));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)] // 19.2, 38.4, 76.8, 153.6 channels, rounded
    [InlineData(1)]
    [InlineData(1.5)]
    public void Every_width(double width)
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic with { Width = width, Head = HeadKind.Mlp });
        Same(encoder, new OnnxExportOptions { Embeddings = true }, (2, 64, 64));
    }

    [Fact]
    public void A_full_ResNet_50_with_its_head_on_images_of_ImageNets_size()
    {
        using Encoder encoder = OnnxCases.Filled(new EncoderOptions { Head = HeadKind.Mlp });
        Same(
            encoder, new OnnxExportOptions { Embeddings = true, L2Normalize = true, Height = 224, Width = 224 },
            (1, 224, 224));
    }

    [Fact]
    public void A_trained_encoder()
    {
        using MoCoTrainer trainer = new(TrainerFixture.Options);
        using TwoCropLoader loader = TrainerFixture.Loader(TrainerFixture.Options);
        using (enable_grad()) trainer.Fit(loader);
        Same(trainer.QueryEncoder, new OnnxExportOptions { Embeddings = true }, (4, 16, 16));
    }

    [Fact]
    public void A_fixed_size_takes_no_other_and_an_open_batch_any_number()
    {
        using Encoder encoder = OnnxCases.Filled(OnnxCases.Basic);
        encoder.SaveOnnx(Model, height: 32, width: 40);
        using OnnxSession model = new(Model);
        foreach (long batch in new[] { 1, 2, 7 }) Assert.Equal([batch, 64], model.Run(OnnxCases.Images(encoder, batch, 32, 40)).shape);
        Assert.Contains(
            "Got: 32 Expected: 40", Assert.Throws<OnnxRuntimeException>(() => model.Run(OnnxCases.Images(encoder, 1, 32, 32))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_formats_own_checker_finds_no_error_and_infers_every_shape()
    {
        string? python = Python.Find("import onnx");
        Assert.SkipWhen(python is null, "no python3 with onnx");
        string[] files = [.. OnnxCases.All.Select((name, i) => Saved(name, folder.File($"{i}.onnx")))];
        (int code, string output) = Python.Start(python, """
            import sys, onnx
            for file in sys.argv[1:]:
                model = onnx.load(file)
                onnx.checker.check_model(model, full_check=True)
                inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
                values = list(inferred.graph.value_info) + list(inferred.graph.output)
                shapes = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}
                for node in inferred.graph.node:
                    if node.op_type == 'Constant':
                        continue
                    assert shapes[node.output[0]][0] == 'batch', (file, node.name, shapes.get(node.output[0]))
                assert dict((p.key, p.value) for p in model.metadata_props)['output'] == model.graph.output[0].name
            print(len(sys.argv) - 1)
            """, files)!.Value;
        Assert.True(code == 0, output);
        Assert.Equal($"{files.Length}", output.Trim());

        static string Saved(string name, string path)
        {
            (Encoder encoder, OnnxExportOptions options) = OnnxCases.Make(name);
            using (encoder) OnnxExport.Write(encoder, path, options with { Height = 32, Width = 32 });
            return path;
        }
    }

    private void Same(Encoder encoder, OnnxExportOptions options, params (long Count, long Height, long Width)[] shapes)
    {
        OnnxExport.Write(encoder, Model, options);
        using OnnxSession model = new(Model);
        foreach ((long count, long height, long width) in shapes)
        {
            Tensor images = OnnxCases.Images(encoder, count, height, width);
            Tensor expected = OnnxCases.Expected(encoder, options, images);
            Assert.True(expected.std().item<float>() > 1e-3, "the case tells nothing: its outputs hardly differ");
            Fixture.Near(
                expected, model.Run(images), 1e-5 * Math.Max(1, expected.abs().max().item<float>()),
                $"{options}, {count}×{height}×{width}");
        }
    }
}
