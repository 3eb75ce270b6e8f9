using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Loading.Pipeline;
using MoCo.Optimization;
using MoCo.Tests.Training;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>The training step on a GPU beside the same step on the CPU.</summary>
public sealed class GpuStepTests
{
    /// <summary>Every method, and what else changes the way of a step.</summary>
    private static readonly Dictionary<string, MoCoOptions> Runs = new(MethodRunTests.Runs)
    {
        ["LARS"] = Of(new() { Kind = OptimizerKind.Lars, LearningRate = 0.5, WeightDecay = 1e-4 }),
        ["AdamW, clipped"] = Of(new() { Kind = OptimizerKind.AdamW, LearningRate = 1e-3, WeightDecay = 0.1, ClipNorm = 0.5 }),
        ["Nesterov"] = Of(new() { LearningRate = 0.05, Nesterov = true }),
        ["in parts"] = MethodRunTests.Base with { MicroBatches = 2 },
        ["checkpointed"] = MethodRunTests.Base with { GradientCheckpointing = true },
        ["with a probe"] = MethodRunTests.Base with { Probe = new() { Classes = 3 } },
        ["v3 on a transformer"] = OfV3(new() { Backbone = Backbone.ViTSmall, Width = 1.0 / 3 }),
        ["v3 on a ConvNeXt, checkpointed"] = OfV3(new() { Backbone = Backbone.ConvNeXtTiny, Width = 0.125 })
            with
        { GradientCheckpointing = true },
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_method_goes_the_same_way_on_both_devices(string name)
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = Runs[name];
        bool tf32 = backends.cudnn.allow_tf32;
        backends.cudnn.allow_tf32 = false;
        try
        {
            using TwoCropLoader onCpu = Loader(options, CPU), onGpu = Loader(options, gpu);
            using MoCoTrainer slow = new(options), fast = new(options, gpu);
            double[] expected = Losses(slow, onCpu, 4), found = Losses(fast, onGpu, 4);
            // Which of the hardest keys are mixed depends on their order, which is the device's own.
            double tolerance = options.Loss.Mixing is null ? 1e-4 : 0.1;
            Assert.All(Enumerable.Range(0, 4), i => Assert.True(
                Math.Abs(expected[i] - found[i]) <= tolerance * Math.Pow(8, i) * expected[i],
                $"step {i}: {string.Join(" ", found)}; expected {string.Join(" ", expected)}"));
        }
        finally
        {
            backends.cudnn.allow_tf32 = tf32;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_hundred_steps_leave_no_tensor_behind(string name)
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = Runs[name];
        using TwoCropLoader loader = Loader(options, gpu);
        using MoCoTrainer trainer = new(options, gpu);
        using TwoCropBatch batch = loader.Epoch(0).First();
        for (int i = 0; i < 5; i++) trainer.Step(batch);
        long before = LiveTensors.Settled();
        for (int i = 0; i < 200; i++) trainer.Step(batch);
        Assert.Equal(before, LiveTensors.Settled());
    }

    /// <summary>The methods of few launches: a device takes about a thousand ahead of what it does, then the next one waits, and a step
    /// whose views go both ways through both encoders has more.</summary>
    public static TheoryData<string> Short => new(Runs.Keys.Except(
        ["MoCo, symmetric MoCHi", "MoCo v3", "in parts", "v3 on a transformer", "v3 on a ConvNeXt, checkpointed"]));

    [Theory]
    [MemberData(nameof(Short))]
    public void A_step_does_not_wait_for_the_device(string name)
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = Runs[name];
        options = options with { Encoder = options.Encoder with { BatchNormSplits = 1 } };
        using TwoCropLoader loader = Loader(options, gpu);
        using MoCoTrainer trainer = new(options, gpu) { LogEverySteps = 1000 };
        using TwoCropBatch batch = loader.Epoch(0).First();
        for (int i = 0; i < 3; i++) trainer.Step(batch);
        using CopyFence fence = new(gpu, TimeSpan.FromMinutes(1));
        fence.Wait(fence.Mark());
        Gpu.Occupy();
        long mark = fence.Mark();
        trainer.Step(batch);
        Assert.False(fence.Reached(mark), "the step came back after the device had done everything before them");
        fence.Wait(mark);
    }

    [Theory]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void Half_precision_stays_near_float32(Precision precision)
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = TrainerFixture.Options with { Epochs = 8 };
        using TwoCropLoader loader = Loader(options, gpu);
        using MoCoTrainer exact = new(options, gpu), half = new(options with { Precision = precision }, gpu);
        double[] expected = Losses(exact, loader, 40), found = Losses(half, loader, 40);
        Assert.InRange(found.Average(), 0.98 * expected.Average(), 1.02 * expected.Average());
    }

    [Fact]
    public void A_checkpoint_of_a_GPU_goes_on_on_the_CPU_and_back()
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = TrainerFixture.Options;
        using TemporaryFolder folder = new();
        using TwoCropLoader loader = Loader(options, gpu);
        using MoCoTrainer trainer = new(options, gpu);
        Losses(trainer, loader, 4);
        trainer.Save(folder.File("gpu.ckpt"));
        using MoCoTrainer onCpu = MoCoTrainer.Resume(folder.File("gpu.ckpt"));
        onCpu.Save(folder.File("cpu.ckpt"));
        using MoCoTrainer back = MoCoTrainer.Resume(folder.File("cpu.ckpt"), gpu);
        Assert.Equal(DeviceType.CUDA, back.Method.Parameters.Values.device_type);
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(onCpu));
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(back));
        Assert.All(Losses(back, loader, 8), loss => Assert.True(double.IsFinite(loss)));
    }

    [Fact]
    public void A_failed_step_has_not_been()
    {
        Device gpu = Gpu.Device;
        MoCoOptions options = TrainerFixture.Options;
        using TwoCropLoader loader = Loader(options, gpu);
        using MoCoTrainer trainer = new(options, gpu);
        Losses(trainer, loader, 3);
        SortedDictionary<string, string> expected = Snapshot.Of(trainer);
        using TwoCropBatch batch = loader.Epoch(0, 3).First();
        nn.Module<Tensor, Tensor>.HookRemover hook = trainer.QueryEncoder.register_forward_hook(
            (_, _, output) => throw new IOException(output.device.ToString()));
        Assert.Throws<IOException>(() => trainer.Step(batch));
        hook.remove();
        Snapshot.Same(expected, Snapshot.Of(trainer));
        Assert.True(double.IsFinite(trainer.Step(batch).Loss));
    }

    private static MoCoOptions Of(OptimizationOptions optimizer) => MethodRunTests.Base with { Optimizer = optimizer };

    private static MoCoOptions OfV3(EncoderOptions encoder) => MoCoOptions.V3 with
    {
        Encoder = encoder with
        {
            InputChannels = 1,
            Stem = Stem.ImageNet,
            EmbeddingDimension = 16,
            BatchNormSplits = 1,
            Head = HeadKind.BatchNormMlp,
            HiddenDimension = 24,
        },
        BatchSize = 12,
        Epochs = 2,
        Optimizer = new() { Kind = OptimizerKind.AdamW, LearningRate = 1e-3 },
    };

    private static TwoCropLoader Loader(MoCoOptions options, Device device)
    {
        int size = options.Encoder.Backbone == Backbone.ConvNeXtTiny ? 32 : 16; // it takes none that are smaller
        LoaderOptions workers = options.Loader() with { Workers = 2 };
        return new TwoCropLoader(new TrainerFixture.NoiseImages(58), AugmentationRecipe.Grey(size), workers, device);
    }

    private static double[] Losses(MoCoTrainer trainer, TwoCropLoader loader, int steps)
    {
        List<double> losses = [];
        while (trainer.StepCount < steps)
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
            {
                using (batch)
                {
                    StepResult result = trainer.Step(batch);
                    for (int i = 0; result.IsSkipped && i < 20; i++) result = trainer.Step(batch); // float16 finds its scale
                    losses.Add(result.Loss);
                }
                if (trainer.StepCount == steps) break;
            }
            if (trainer.Batch == loader.BatchesPerEpoch) trainer.EndEpoch();
        }
        return [.. losses];
    }
}
