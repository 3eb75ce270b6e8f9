using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;

namespace MoCo.Tests.Training;

public sealed class MixedPrecisionTests
{
    [Fact]
    public void Over_200_steps_on_the_same_batches_bfloat16_has_float32s_losses_within_two_percent()
    {
        MoCoOptions options = TrainerFixture.Options with { Epochs = 40, Optimizer = new() { LearningRate = 0.03 } };
        double[] exact = Losses(options), rough = Losses(options with { Precision = Precision.BFloat16 });
        Assert.Equal(200, exact.Length);
        foreach ((double[] one, double[] other) in exact.Chunk(20).Zip(rough.Chunk(20)))
            Assert.InRange(other.Average() / one.Average(), 0.98, 1.02);
    }

    [Fact]
    public void Float16_scales_the_loss_and_leaves_out_a_step_whose_gradients_overflow()
    {
        MoCoOptions options = TrainerFixture.Options with
        {
            Epochs = 2,
            Precision = Precision.Float16,
            Optimizer = new() { LearningRate = 1e-3 },
        };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options), exact = ResumeTests.Start(options with { Precision = Precision.Float32 });
        int left = 0;
        foreach (TwoCropBatch batch in loader.Epoch(0))
        {
            using (batch)
            {
                StepResult result = trainer.Step(batch);
                while (result.IsSkipped && left++ < 20) result = trainer.Step(batch);
                StepResult expected = exact.Step(batch);
                Assert.Equal(expected.Loss, result.Loss, 0.05 * expected.Loss);
                Assert.Equal(expected.LearningRate, result.LearningRate);
            }
        }
        Assert.InRange(left, 0, 16);
        Assert.Equal(0, trainer.SkippedSteps);
    }

    [Fact]
    public void The_scale_is_halved_by_an_overflow_and_doubled_after_2000_steps_without()
    {
        StepCounters counters = new();
        Assert.Equal(32768, counters.WithOverflow()!.LossScale);
        for (int i = 0; i < 16; i++) counters = counters.WithOverflow()!;
        Assert.Equal(1, counters.LossScale);
        Assert.Null(counters.WithOverflow());
        for (int i = 0; i < 1999; i++) counters = counters.WithStep(isScaled: true);
        Assert.Equal((1, 1999), (counters.LossScale, counters.StepsAtScale));
        counters = counters.WithStep(isScaled: true);
        Assert.Equal((2, 0), (counters.LossScale, counters.StepsAtScale));
        Assert.Same(counters, counters.WithStep(isScaled: false));
    }

    [Theory]
    [InlineData("flags\t\t: fpu avx512f avx512_bf16 sse", true)]
    [InlineData("flags\t\t: fpu amx_bf16", true)]
    [InlineData("Features\t: fp asimd bf16", true)]
    [InlineData("flags\t\t: fpu avx512f avx512_fp16", false)]
    [InlineData("model name\t: avx512_bf16", null)]
    public void A_processor_s_units_are_read_from_its_description(string line, bool? expected)
        => Assert.Equal(expected, ProcessorUnits.IsNamedIn(["processor\t: 0", line]));

    private static double[] Losses(MoCoOptions options)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options);
        return ResumeTests.Run(trainer, loader);
    }
}
