using MoCo.Encoders;
using MoCo.Interop.Onnx;
using MoCo.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>The files in other people's programs; skipped where those are absent.</summary>
public sealed class OnnxRuntimeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Model => folder.File("encoder.onnx");

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(OnnxCases.Names), MemberType = typeof(OnnxCases))]
    public void ONNX_Runtime_computes_what_the_encoder_does(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        (Encoder encoder, OnnxExportOptions options) = OnnxCases.Make(name);
        OnnxExport.Save(encoder, Model, options);
        Tensor pictures = OnnxCases.Pictures(encoder, 3, 40, 24);
        Tensor expected = OnnxCases.Expected(encoder, options, pictures);
        Fixture.Near(expected, OnnxRuntime.Run(Model, pictures), 1e-5 * Math.Max(1, expected.abs().max().item<float>()), name);
        encoder.Dispose();
    }

    [SkippableFact]
    public void A_full_ResNet_50_with_its_head_is_the_same_in_ONNX_Runtime()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        using Encoder encoder = OnnxCases.Filled(new ResNetOptions(), HeadKind.Mlp);
        var options = new OnnxExportOptions { Output = OnnxOutput.Embeddings, L2Normalize = true, Height = 224, Width = 224 };
        OnnxExport.Save(encoder, Model, options);
        Tensor pictures = OnnxCases.Pictures(encoder, 2, 224, 224);
        Fixture.Near(OnnxCases.Expected(encoder, options, pictures), OnnxRuntime.Run(Model, pictures), 1e-5, "embeddings of unit length");
    }

    [SkippableTheory]
    [MemberData(nameof(OnnxCases.Names), MemberType = typeof(OnnxCases))]
    public void The_formats_own_checker_finds_no_fault_and_infers_every_shape(string name)
    {
        string? python = Python.Find("import onnx");
        Skip.If(python is null, "no python3 with onnx");
        (Encoder encoder, OnnxExportOptions options) = OnnxCases.Make(name);
        OnnxExport.Save(encoder, Model, options with { Height = 32, Width = 32 });
        (int code, string output) = Python.Start(python, """
            import sys, onnx
            model = onnx.load(sys.argv[1])
            onnx.checker.check_model(model, full_check=True)
            inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
            shapes = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in list(inferred.graph.value_info) + list(inferred.graph.output)}
            for node in inferred.graph.node:
                assert shapes[node.output[0]][0] == 'batch', (node.name, shapes.get(node.output[0]))
            assert dict((p.key, p.value) for p in model.metadata_props)['output'] == model.graph.output[0].name
            """, [Model])!.Value;
        Assert.True(code == 0, output);
        encoder.Dispose();
    }
}
