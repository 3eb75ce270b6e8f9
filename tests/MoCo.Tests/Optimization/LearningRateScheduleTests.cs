using MoCo.Optimization;

namespace MoCo.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 0.03)]
    [InlineData(119, 0.03)]
    [InlineData(120, 0.003)]
    [InlineData(160, 0.0003)]
    [InlineData(199, 0.0003)]
    public void Step_schedule_is_v1s(int epoch, double expected)
        => Assert.Equal(expected, new StepSchedule().At(0.03, epoch, 0.9, 200), 1e-12);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(199)]
    public void Cosine_schedule_is_v2s_per_epoch(int epoch)
    {
        double expected = 0.03 * 0.5 * (1 + Math.Cos(Math.PI * epoch / 200));
        Assert.Equal(expected, new CosineSchedule().At(0.03, epoch, 0, 200), 1e-12);
        Assert.Equal(expected, new CosineSchedule().At(0.03, epoch, 0.99, 200), 1e-12);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(40.5)]
    [InlineData(170)]
    [InlineData(299.75)]
    public void A_cosine_after_warm_up_is_v3s(double epoch)
    {
        // main_moco.py, adjust_learning_rate: lr * 0.5 * (1. + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))
        double expected = 6e-4 * 0.5 * (1 + Math.Cos(Math.PI * (epoch - 40) / (300 - 40)));
        CosineSchedule schedule = new() { WarmupEpochs = 40, AfterWarmup = true, PerStep = true };
        Assert.Equal(expected, schedule.At(6e-4, (int)epoch, epoch % 1, 300), 1e-15);
        Assert.Equal(3e-4, schedule.At(6e-4, 20, 0, 300), 1e-7);
        Assert.Equal(6e-4, schedule.At(6e-4, 40, 0, 40), 1e-15);
    }

    [Fact]
    public void Per_step_schedules_fall_within_an_epoch_and_end_at_zero()
    {
        CosineSchedule schedule = new() { PerStep = true };
        double[] rates = [.. Enumerable.Range(0, 100).Select(i => schedule.At(1, i / 10, i % 10 / 10.0, 10))];
        Assert.Equal(rates.OrderDescending(), rates);
        Assert.Equal(100, rates.Distinct().Count());
        Assert.InRange(rates[99], 0, 0.001);
    }

    [Fact]
    public void Weight_decay_and_m_go_to_their_last_values_along_half_a_cosine()
    {
        OptimizationOptions optimizer = new() { WeightDecay = 0.04, FinalWeightDecay = 0.4 };
        Assert.Equal([0.04, 0.22, 0.4], new[] { 0, 0.5, 1 }.Select(share => Math.Round(optimizer.WeightDecayAt(share), 12)));
        Assert.Equal(0.04 + 0.36 * (1 - Math.Cos(Math.PI / 5)) / 2, optimizer.WeightDecayAt(0.2), 1e-12);
        Assert.Equal(1e-4, new OptimizationOptions().WeightDecayAt(0.7));
    }

    [Fact]
    public void Warm_up_rises_linearly_step_by_step_to_the_schedule()
    {
        StepSchedule schedule = new() { WarmupEpochs = 2 };
        double[] rates = [.. Enumerable.Range(0, 25).Select(i => schedule.At(1, i / 10, i % 10 / 10.0, 10))];
        Assert.InRange(rates[0], 1e-9, 0.01);
        Assert.Equal(0.5, rates[10], 0.01);
        Assert.All(rates[20..], rate => Assert.Equal(1, rate, 1e-12));
        for (int i = 2; i < 20; i++) Assert.Equal(rates[i] - rates[i - 1], rates[1] - rates[0], 1e-9);
    }
}
