using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>Stages that are computed twice give what stages computed once give, bit for bit: weights, BatchNorm's statistics,
/// queue.</summary>
public sealed class GradientCheckpointingTests
{
    private static readonly EncoderOptions Narrow
        = new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, Width = 0.0625, EmbeddingDimension = 8, BatchNormSplits = 1 };

    public static TheoryData<string, MoCoOptions> Runs => new()
    {
        { "groups of BatchNorm", Of(Narrow with { BatchNormSplits = 2, Stem = Stem.ImageNet }) },
        { "bottlenecks, both ways", Of(Narrow with { Backbone = Backbone.ResNet50, Head = HeadKind.Mlp })
            with { Loss = new() { Symmetric = SymmetricLoss.Mean } } },
        { "shared stages", Of(Narrow) with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 2 } } },
        { "in parts", Of(Narrow with { BatchNormSplits = 4 }) with { MicroBatches = 2 } },
        { "two that learn", Of(Narrow) with { Method = MethodKind.EndToEnd } },
        { "SimCLR", Of(Narrow) with { Method = MethodKind.SimClr } },
        { "clusters", Of(Narrow) with { Method = MethodKind.ContrastiveClustering } },
        { "v3 on a transformer", OfV3(Narrow with { Backbone = Backbone.ViTSmall, Width = 1.0 / 3, Stem = Stem.ImageNet }) },
        { "v3 on a ConvNeXt", OfV3(Narrow with { Backbone = Backbone.ConvNeXtTiny, Width = 0.125, Stem = Stem.ImageNet }) },
        { "small views", Of(Narrow) with { Loss = new() { Symmetric = SymmetricLoss.Sum } } },
        { "bfloat16", Of(Narrow) with { Precision = Precision.BFloat16 } },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Two_steps_are_those_without_it(string kind, MoCoOptions options)
    {
        using MoCoTrainer plain = new(options), checkpointed = new(options with { GradientCheckpointing = true });
        for (int step = 0; step < 2; step++)
        {
            using TwoCropBatch batch = Batch(options, step, kind == "small views" ? 3 : 0);
            StepResult expected = plain.Step(batch), found = checkpointed.Step(batch);
            Assert.Equal(expected.Measured.Loss, found.Measured.Loss);
        }
        Snapshot.Same(Snapshot.Of(plain), Snapshot.Of(checkpointed));
    }

    [Fact]
    public void A_step_that_fails_leaves_nothing_behind()
    {
        MoCoOptions options = Of(Narrow) with { Method = MethodKind.SimClr, GradientCheckpointing = true };
        using MoCoTrainer trainer = new(options), other = new(options);
        using TwoCropBatch batch = Batch(options, 0);
        using (TwoCropBatch bad = new(batch.Query.narrow(1, 0, 1), batch.Key.narrow(1, 0, 1), batch.Indices, 0, 0))
            Assert.Throws<ArgumentException>(() => trainer.Step(bad));
        Assert.Null(trainer.QueryEncoder.Passes);
        trainer.Step(batch);
        other.Step(batch);
        Snapshot.Same(Snapshot.Of(other), Snapshot.Of(trainer));
    }

    [Fact]
    public void A_network_without_known_stages_is_refused()
    {
        MoCoOptions options = Of(Narrow) with { GradientCheckpointing = true };
        using Encoder own = new(nn.Linear(4, 4), nn.Linear(4, 2));
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => new GradientCheckpoints(own));
        Assert.Contains("Linear", error.Message, StringComparison.Ordinal);
        Backbone registered = Backbone.Register("staged-nowhere", (_, _) => nn.Linear(4, 4), 4);
        ArgumentException refused = Assert.Throws<ArgumentException>(
            (options with { Encoder = options.Encoder with { Backbone = registered } }).Validate);
        Assert.Contains("GradientCheckpointing is true; expected false", refused.Message, StringComparison.Ordinal);
    }

    private static MoCoOptions Of(EncoderOptions encoder)
        => new() { Encoder = encoder, Queue = new() { Length = 32 }, BatchSize = 8, Optimizer = new() { LearningRate = 0.05 }, Epochs = 2 };

    private static MoCoOptions OfV3(EncoderOptions encoder) => MoCoOptions.V3 with
    {
        Encoder = encoder with { Head = HeadKind.BatchNormMlp, HiddenDimension = 16 },
        BatchSize = 4,
        Optimizer = new() { Kind = OptimizerKind.AdamW, LearningRate = 1e-3 },
        Epochs = 2,
    };

    private static TwoCropBatch Batch(MoCoOptions options, int step, int smallViews = 0)
    {
        manual_seed(step);
        int size = options.Method == MethodKind.MoCoV3 ? 32 : 24;
        long[] shape = [options.BatchSize, options.Encoder.InputChannels, size, size];
        return new TwoCropBatch(randn(shape), randn(shape), Enumerable.Range(0, options.BatchSize).ToArray(), 0, step)
        {
            SmallViews = [.. Enumerable.Range(0, smallViews).Select(_ => randn(shape[0], shape[1], 12, 12))],
        };
    }
}
