using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Evaluation.Neighbours;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>Features, neighbours and linear probe of an encoder that lies on a GPU.</summary>
public sealed class GpuEvaluationTests
{
    [Fact]
    public void Features_and_what_is_made_of_them_are_the_CPU_s()
    {
        Device gpu = Gpu.Device;
        AugmentationRecipe recipe = AugmentationRecipe.Evaluation(16);
        TrainerFixture.NoiseImages images = new(120);
        using Encoder encoder = Encoder.Create(TrainerFixture.Options.Encoder, seed: 3);
        using FeatureSet expected = FeatureSet.Extract(encoder, images, recipe, 32);
        encoder.to(gpu);
        using FeatureSet found = FeatureSet.Extract(encoder, images, recipe, 32, gpu);
        Assert.True(expected.Features.allclose(found.Features, 1e-2, 1e-2));
        Assert.Equal(expected.Labels, found.Labels);

        Accuracy near = KnnClassifier.Evaluate(expected, expected, 5), nearOnGpu = KnnClassifier.Evaluate(found, found, 5);
        Assert.Equal(near.Top1, nearOnGpu.Top1, 0.05);
        LinearProbeOptions options = new() { Epochs = 3, LearningRates = [1.0] };
        ProbeResult probe = LinearProbe.Train(expected, expected, options), onGpu = LinearProbe.Train(found, found, options);
        Assert.Equal(probe.Test.Top1, onGpu.Test.Top1, 0.1);
    }
}
