using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Tests;

/// <summary>The presets' numbers, each with the place that they are from.</summary>
public sealed class PresetTests
{
    [Fact]
    public void V1_is_the_official_code_as_it_is() // facebookresearch/moco, main_moco.py: the arguments' defaults
    {
        MoCoOptions v1 = MoCoOptions.V1;
        Assert.Equal((Backbone.ResNet50, HeadKind.Linear, 128), (v1.Encoder.Backbone, v1.Encoder.Head, v1.Encoder.EmbeddingDimension));
        Assert.Equal((65536, 0.999, 0.07, 256, 200),
            (v1.Queue.Length, v1.KeyEncoder.Momentum, v1.Loss.Temperature, v1.BatchSize, v1.Epochs));
        Assert.Equal((OptimizerKind.Sgd, 0.03, false, 0.9, 1e-4), Optimizer(v1));
        Assert.Equal([120, 160], Assert.IsType<StepSchedule>(v1.Schedule).Milestones);
    }

    [Fact]
    public void V2_changes_head_temperature_and_schedule() // facebookresearch/moco, README.md: --mlp --moco-t 0.2 --aug-plus --cos
        => Assert.Equal(MoCoOptions.V1 with
        {
            Encoder = MoCoOptions.V1.Encoder with { Head = HeadKind.Mlp },
            Loss = MoCoOptions.V1.Loss with { Temperature = 0.2 },
            Schedule = new CosineSchedule(),
        }, MoCoOptions.V2);

    [Fact]
    public void Cifar_is_the_authors_notebook() // facebookresearch/moco, branch colab-notebook
    {
        MoCoOptions cifar = MoCoOptions.Cifar;
        Assert.Equal((Backbone.ResNet18, Stem.SmallImage, HeadKind.Linear, 128, 8), (cifar.Encoder.Backbone, cifar.Encoder.Stem,
            cifar.Encoder.Head, cifar.Encoder.EmbeddingDimension, cifar.Encoder.BatchNormSplits));
        Assert.Equal((4096, 0.99, 0.1, 512, 200),
            (cifar.Queue.Length, cifar.KeyEncoder.Momentum, cifar.Loss.Temperature, cifar.BatchSize, cifar.Epochs));
        Assert.Equal((OptimizerKind.Sgd, 0.06, false, 0.9, 5e-4), Optimizer(cifar));
        Assert.Equal(new CosineSchedule(), cifar.Schedule);
    }

    [Fact]
    public void V3_is_the_official_code_s_for_ResNet50_and_100_epochs() // facebookresearch/moco-v3, main_moco.py and CONFIG.md
    {
        MoCoOptions v3 = MoCoOptions.V3;
        Assert.Equal((MethodKind.MoCoV3, Backbone.ResNet50, HeadKind.BatchNormMlp, 256, 4096),
            (v3.Method, v3.Encoder.Backbone, v3.Encoder.Head, v3.Encoder.EmbeddingDimension, v3.Encoder.HiddenDimension));
        Assert.Equal((0.99, null, 1, 100), (v3.KeyEncoder.Momentum, v3.KeyEncoder.FinalMomentum, v3.Loss.Temperature, v3.Epochs));
        Assert.Equal((OptimizerKind.Lars, 0.6, true, 0.9, 1e-6), Optimizer(v3));
        Assert.Equal(0.001, v3.Optimizer.TrustCoefficient);
        Assert.Equal(new CosineSchedule { WarmupEpochs = 10, AfterWarmup = true, PerStep = true }, v3.Schedule);
        // main_moco.py: args.lr * args.batch_size / 256
        Assert.Equal(9.6, (v3 with { BatchSize = 4096 }).FullLearningRate, 1e-12);
    }

    [Fact]
    public void V3ViT_is_the_official_code_s_for_ViTs() // facebookresearch/moco-v3, CONFIG.md: ViT-Small
    {
        MoCoOptions vit = MoCoOptions.V3ViT;
        Assert.Equal(MoCoOptions.V3.Encoder with { Backbone = Backbone.ViTSmall }, vit.Encoder);
        Assert.Equal((MethodKind.MoCoV3, 0.99, null, 0.2, SymmetricLoss.Off, 300), (vit.Method, vit.KeyEncoder.Momentum,
            vit.KeyEncoder.FinalMomentum, vit.Loss.Temperature, vit.Loss.Symmetric, vit.Epochs));
        Assert.Equal((OptimizerKind.AdamW, 1.5e-4, true, 0.9, 0.1), Optimizer(vit));
        Assert.Equal((0.999, 1e-8, true), (vit.Optimizer.SecondMomentum, vit.Optimizer.Epsilon, vit.Optimizer.DecayAll));
        Assert.Equal(new CosineSchedule { WarmupEpochs = 40, AfterWarmup = true, PerStep = true }, vit.Schedule);
        vit.Validate();
    }

    [Fact]
    public void The_patch_projection_of_V3ViT_is_frozen() // facebookresearch/moco-v3, CONFIG.md: --stop-grad-conv1
    {
        using Encoder encoder = Encoder.Create(MoCoOptions.V3ViT.Encoder with { Width = 1 / 12.0 });
        Assert.Equal(["patch_embed.proj.bias", "patch_embed.proj.weight"],
            encoder.Backbone.named_parameters().Where(entry => !entry.parameter.requires_grad).Select(entry => entry.name).Order());
    }

    private static (OptimizerKind, double, bool, double, double) Optimizer(MoCoOptions options) => (options.Optimizer.Kind,
        options.Optimizer.LearningRate, options.Optimizer.ScaleLearningRate, options.Optimizer.Momentum, options.Optimizer.WeightDecay);
}
