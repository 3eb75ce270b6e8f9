using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A step in fused layers is the step of the plain network, which somebody who listens to a layer gets.</summary>
public sealed class FusedStepTests
{
    private static readonly EncoderOptions Narrow
        = new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, Width = 0.0625, EmbeddingDimension = 8, BatchNormSplits = 1 };

    public static TheoryData<string, MoCoOptions, int> Runs => new()
    {
        { "groups of BatchNorm", Of(Narrow with { BatchNormSplits = 2, Stem = Stem.ImageNet }), 0 },
        { "bottlenecks, both ways", Of(Narrow with { Backbone = Backbone.ResNet50, Head = HeadKind.Mlp })
            with { Loss = new() { Symmetric = SymmetricLoss.Mean } }, 0 },
        { "shared stages", Of(Narrow) with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 2 } }, 0 },
        { "in parts", Of(Narrow with { BatchNormSplits = 4 }) with { MicroBatches = 2 }, 0 },
        { "two that learn", Of(Narrow) with { Method = MethodKind.EndToEnd }, 0 },
        { "SimCLR", Of(Narrow) with { Method = MethodKind.SimClr }, 0 },
        { "small views", Of(Narrow), 3 },
        { "checkpointed", Of(Narrow) with { GradientCheckpointing = true }, 0 },
        { "checkpointed, with a pooled stem", Of(Narrow with { Stem = Stem.ImageNet }) with { GradientCheckpointing = true }, 0 },
        { "v3", MoCoOptions.V3 with { Encoder = Narrow with { Head = HeadKind.BatchNormMlp, HiddenDimension = 16 }, BatchSize = 8 }, 0 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Weights_and_statistics_move_alike(string kind, MoCoOptions options, int smallViews)
        => CheckMoves(CPU, kind, options, smallViews);

    internal static void CheckMoves(Device device, string kind, MoCoOptions options, int smallViews)
    {
        using MoCoTrainer fused = new(options, device), plain = new(options, device);
        foreach (Encoder encoder in new[] { plain.QueryEncoder, plain.Method.OtherEncoder }.OfType<Encoder>())
            ((nn.Module<Tensor, Tensor>)encoder.Backbone.named_modules().Single(one => one.name == "bn1").module)
                .register_forward_hook((_, _, made) => made);
        using TwoCropBatch batch = Batch(options, smallViews, device);
        Assert.True(Network(fused).Fuses(batch.Query));
        if (fused.Method.OtherEncoder is { } key) Assert.True(((ResNet)key.Backbone).Fuses(batch.Key));
        Assert.False(Network(plain).Fuses(batch.Query));
        Dictionary<string, Tensor> start = Copy(fused);
        StepResult found = fused.Step(batch), expected = plain.Step(batch);
        // Fifty layers have more ReLUs whose value is as good as 0, which may fall on either side.
        double allowed = options.Encoder.Backbone == Backbone.ResNet50 ? 0.2 : 0.02;
        Assert.Equal(expected.Measured.Loss, found.Measured.Loss, 0.005 * allowed);
        Dictionary<string, Tensor> right = Copy(plain);
        foreach ((string name, Tensor value) in Copy(fused).Where(entry => entry.Value.is_floating_point()))
        {
            double moved = right[name].sub(start[name]).norm().cpu().item<float>();
            double off = value.sub(right[name]).norm().cpu().item<float>();
            Assert.True(off <= allowed * moved + 1e-6, $"{kind}: {name} is {off} off after moving by {moved}");
        }
    }

    [Fact]
    public void Images_that_are_made_by_what_learns_get_their_gradient()
    {
        using Encoder encoder = Encoder.Create(Narrow);
        using FlatParameters flat = new(encoder, withGradients: true);
        foreach (bool checkpointing in (bool[])[false, true])
        {
            using EncoderPasses passes = EncoderPasses.Of(encoder, checkpointing)!;
            using Tensor images = randn(4, 3, 8, 8).requires_grad_(), same = images.detach().clone().requires_grad_();
            encoder.call(same).abs().sum().backward();
            passes.Begin();
            encoder.call(images).abs().sum().backward();
            passes.Backward();
            passes.End();
            Fixture.Near(same.grad!, images.grad!, 1e-4, "gradient of the images");
            Assert.True(images.grad!.abs().max().item<float>() > 1e-3);
        }
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void A_frozen_stem_stays(Precision precision)
    {
        MoCoOptions options = Of(Narrow) with { GradientCheckpointing = true, Precision = precision };
        using MoCoTrainer trainer = new(options);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in trainer.QueryEncoder.Backbone.named_parameters())
            if (name is "conv1.weight" or "bn1.weight" or "bn1.bias") parameter.requires_grad = false;
        using TwoCropBatch batch = Batch(options, 0);
        Dictionary<string, Tensor> before = Copy(trainer);
        trainer.Step(batch);
        Dictionary<string, Tensor> after = Copy(trainer);
        foreach ((string name, bool moves) in (ReadOnlySpan<(string, bool)>)[("conv1.weight", false), ("layer1.0.conv1.weight", true)])
            Assert.Equal(moves, !before[$"encoder_q.backbone.{name}"].equal(after[$"encoder_q.backbone.{name}"]).all().item<bool>());
    }

    private static ResNet Network(MoCoTrainer trainer) => (ResNet)trainer.QueryEncoder.Backbone;

    private static Dictionary<string, Tensor> Copy(MoCoTrainer trainer)
        => trainer.Method.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

    private static MoCoOptions Of(EncoderOptions encoder)
        => new() { Encoder = encoder, Queue = new() { Length = 32 }, BatchSize = 8, Optimizer = new() { LearningRate = 0.05 }, Epochs = 2 };

    private static TwoCropBatch Batch(MoCoOptions options, int smallViews, Device? device = null)
    {
        manual_seed(5);
        return new TwoCropBatch(Images(24), Images(24), Enumerable.Range(0, options.BatchSize).ToArray(), 0, 0)
        {
            SmallViews = [.. Enumerable.Range(0, smallViews).Select(_ => Images(12))],
        };

        Tensor Images(int size) => randn(options.BatchSize, options.Encoder.InputChannels, size, size).to(device ?? CPU);
    }
}
