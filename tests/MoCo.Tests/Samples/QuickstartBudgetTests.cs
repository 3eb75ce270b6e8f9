using Pretrain;

namespace MoCo.Tests.Samples;

public sealed class QuickstartBudgetTests
{
    private static readonly TimeSpan Given = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(0, 0, 300)]    // no labels: nothing to measure
    [InlineData(40, 10, 247.5)]
    [InlineData(80, 40, 170)]
    public void Training_gets_what_measuring_leaves_with_a_quarter_more_for_the_end(double before, double measuring, double training)
    {
        ManualTime time = new();
        Budget budget = new(Given, time);
        time.Advance(before);
        TimeSpan got = budget.ForTraining(TimeSpan.FromSeconds(measuring));
        Assert.Equal(training, got.TotalSeconds, 1e-6);
        Assert.True(budget.Spent + got + TimeSpan.FromSeconds(measuring) <= Given);
    }

    [Theory]
    [InlineData(140, 40)]
    [InlineData(400, 200)]
    public void Training_gets_half_of_the_time_where_measuring_takes_more(double before, double measuring)
    {
        ManualTime time = new();
        Budget budget = new(Given, time);
        time.Advance(before);
        Assert.Equal(Given / 2, budget.ForTraining(TimeSpan.FromSeconds(measuring)));
        Assert.True(budget.Spent + Given / 2 + TimeSpan.FromSeconds(measuring) > Given);
    }
}
