using MoCo.Training;
using Pretrain.Results;

namespace MoCo.Tests.Samples.Pretraining;

public sealed class LookMomentsTests
{
    [Fact]
    public void Looks_are_spread_over_the_run()
    {
        LookMoments moments = new(looks: 10, every: 1, step: 0);
        double[] shares = [0.04, 0.09, 0.11, 0.15, 0.42, 0.49, 0.5, 0.97, 1];
        Assert.Equal([0.11, 0.42, 0.5, 0.97, 1], shares.Where((share, i) => moments.IsDue(Report(i + 1, share))));
    }

    [Fact]
    public void A_step_has_one_look_though_the_time_goes_on_during_it()
    {
        LookMoments moments = new(looks: 10, every: 1, step: 0);
        Assert.True(moments.IsDue(Report(3, 0.12)));
        Assert.False(moments.IsDue(Report(3, 0.34, Epoch)), "the same step, as its epoch's last, after a look of a fifth of the time");
        Assert.True(moments.IsDue(Report(4, 0.35)), "the tenths that went by have theirs at the next step");
        Assert.False(moments.IsDue(Report(5, 0.36)));
        Assert.True(moments.IsDue(Report(20, 0.99)));
        Assert.False(moments.IsDue(Report(20, 1, Epoch)));
    }

    [Fact]
    public void A_run_that_goes_on_has_looked_at_where_it_begins()
    {
        LookMoments moments = new(looks: 10, every: 1, step: 7);
        Assert.False(moments.IsDue(Report(8, 0.55)));
        Assert.True(moments.IsDue(Report(9, 0.61)));
    }

    [Fact]
    public void Looks_by_epochs_are_taken_at_the_end_of_every_so_many_and_of_the_run()
    {
        LookMoments moments = new(looks: null, every: 2, step: 0);
        Assert.Equal([false, false, true, false, true], new[]
        {
            moments.IsDue(Report(5, 0.2, Epoch with { Epoch = 0 })), moments.IsDue(Report(10, 0.4)),
            moments.IsDue(Report(10, 0.4, Epoch with { Epoch = 1 })), moments.IsDue(Report(15, 0.6, Epoch with { Epoch = 2 })),
            moments.IsDue(Report(20, 1, Epoch with { Epoch = 2 })),
        });
    }

    private static EpochSummary Epoch { get; } = new(0, 5, 10, 1, default, 1, null);

    private static TrainingProgress Report(long step, double share, EpochSummary? ended = null) =>
        new(ended?.Epoch ?? 0, null, 1, 5, step, share, 1, 0, 1, 0.1, 10, TimeSpan.Zero, ended);
}
