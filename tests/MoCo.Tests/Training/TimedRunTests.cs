using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Tensors.Safetensors;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Training;

/// <summary>Runs by time (<see cref="MoCoOptions.Duration"/>) on machines whose speed a manual clock makes up. An epoch has five
/// steps.</summary>
public sealed class TimedRunTests
{
    private static readonly Backbone Tiny = Backbone.Register(
        nameof(TimedRunTests), (options, _) => new TinyBackbone(options.BatchNormSplits), featureDimension: 4);

    private static readonly MoCoOptions Timed = TrainerFixture.Options with
    {
        // The clock is made up: what a step computes costs time and shows nothing.
        Encoder = TrainerFixture.Options.Encoder with { Backbone = Tiny },
        Duration = TimeSpan.FromSeconds(100),
        Epochs = 20,
        Schedule = new CosineSchedule { WarmupEpochs = 1 },
    };

    /// <summary>Seconds of a step, by its number and by the time spent before it.</summary>
    private static readonly Dictionary<string, Func<int, double, double>> Machines = new()
    {
        ["steady"] = (_, _) => 0.7,
        ["three times slower from the middle on"] = (_, spent) => spent < 50 ? 0.7 : 2.1,
        ["three times faster from the middle on"] = (_, spent) => spent < 50 ? 2.1 : 0.7,
        ["a first epoch that takes a third of the time"] = (step, _) => step < 5 ? 6.7 : 0.7,
        ["a stall of a quarter of the time"] = (step, _) => step == 60 ? 25 : 0.7,
        ["now fast, now slow"] = (step, _) => step % 3 == 0 ? 2 : 0.5,
    };

    [Theory]
    [InlineData("steady", 142, 144)]
    [InlineData("three times slower from the middle on", 93, 98)]
    [InlineData("three times faster from the middle on", 93, 98)]
    [InlineData("a first epoch that takes a third of the time", 99, 103)]
    [InlineData("a stall of a quarter of the time", 107, 109)]
    [InlineData("now fast, now slow", 98, 102)]
    public void A_run_uses_its_time_and_ends_at_a_rate_near_zero_whatever_the_machine_does(string machine, int least, int most)
    {
        Func<int, double, double> seconds = Machines[machine];
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        ManualTime time = new();
        using MoCoTrainer trainer = Start(Timed, time);
        List<double> rates = new();
        FitResult result = trainer.Fit(loader, Steps(report =>
        {
            rates.Add(report.LearningRate);
            time.Advance(seconds(rates.Count - 1, trainer.TimeSpent.TotalSeconds));
        }));

        Assert.False(result.Cancelled);
        Assert.InRange(trainer.TimeSpent.TotalSeconds, 90, 103);
        Assert.InRange(rates[^1], 0, 0.02 * Timed.Optimizer.LearningRate);
        Assert.InRange(rates.Count, least, most);
        Assert.Equal(rates.Count, result.Steps);
        // It rises over the first twentieth of the time, and then only falls.
        int highest = rates.IndexOf(rates.Max());
        Assert.Equal(rates[highest..].OrderDescending(), rates[highest..]);
        Assert.Equal(rates[..highest].Order(), rates[..highest]);
        Assert.True(trainer.IsDone);
        Assert.Equal(0, trainer.Fit(loader).Steps);
    }

    [Fact]
    public void A_step_has_the_rate_of_the_share_of_the_time_at_which_it_begins()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        ManualTime time = new();
        using MoCoTrainer trainer = Start(Timed, time);
        Random random = new(3);
        double share = 0;
        trainer.Fit(loader, Steps(report =>
        {
            Assert.Equal(Timed.Schedule.At(Timed.Optimizer.LearningRate, share, Timed.Epochs), report.LearningRate, 1e-15);
            Assert.Equal(share, report.Share, 1e-9);
            time.Advance(5 * random.NextDouble());
            share = Math.Min(1, trainer.TimeSpent.TotalSeconds / 100);
        }));
        Assert.Equal(1, share);
    }

    [Fact]
    public void Milestones_lie_at_their_share_of_the_time()
    {
        StepSchedule schedule = new();
        Assert.Equal(0.03, schedule.At(0.03, 0.599, 200), 1e-12);
        Assert.Equal(0.003, schedule.At(0.03, 0.601, 200), 1e-12);
        Assert.Equal(0.0003, schedule.At(0.03, 1, 200), 1e-12);
    }

    [Fact]
    public void Less_time_than_an_epoch_takes_gives_a_part_of_it_with_its_numbers_and_a_checkpoint()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        using TemporaryFolder folder = new();
        ManualTime time = new();
        using MoCoTrainer trainer = Start(Timed, time);
        trainer.CheckpointPath = folder.File("run.ckpt");
        List<TrainingProgress> reports = new();
        trainer.Fit(loader, new FitTests.Told(report =>
        {
            reports.Add(report);
            time.Advance(report.Summary is null ? 35 : 1000);
        }));

        Assert.Equal((0, 3, 3L), (trainer.Epoch, trainer.Batch, trainer.StepCount));
        TrainingProgress last = reports[^1];
        Assert.Equal((3, null, 1, TimeSpan.Zero), (last.Batch, last.Epochs, last.Share, last.TimeLeft));
        Assert.Equal((0, 3L, 36L), (last.Summary!.Epoch, last.Summary.Steps, last.Summary.Images));
        using MoCoTrainer resumed = MoCoTrainer.Resume(trainer.CheckpointPath);
        Assert.Equal((true, TimeSpan.FromSeconds(105)), (resumed.IsDone, resumed.TimeSpent));
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(resumed));
    }

    [Fact]
    public void A_run_whose_time_runs_out_while_others_listen_after_an_epoch_is_saved_as_one_that_is_over()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        using TemporaryFolder folder = new();
        using CheckpointFolder checkpoints = new(folder.File("checkpoints"));
        ManualTime time = new();
        using MoCoTrainer trainer = Start(Timed, time);
        (trainer.CheckpointPath, trainer.Checkpoints) = (folder.File("run.ckpt"), checkpoints);
        trainer.Fit(loader, new FitTests.Told(report => time.Advance(report.Summary is null ? 1 : 95)));

        Assert.Equal((1, 0, 5L), (trainer.Epoch, trainer.Batch, trainer.StepCount));
        foreach (string path in new[] { trainer.CheckpointPath, checkpoints.Last })
        {
            using MoCoTrainer resumed = MoCoTrainer.Resume(path);
            Assert.Equal((true, TimeSpan.FromSeconds(100)), (resumed.IsDone, resumed.TimeSpent));
        }
    }

    [Fact]
    public void A_run_interrupted_after_any_step_and_resumed_equals_the_uninterrupted_one_bit_for_bit_where_the_steps_take_the_same_time()
    {
        MoCoOptions options = Timed with { Duration = TimeSpan.FromSeconds(12) };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        ManualTime time = new();
        using MoCoTrainer whole = Start(options, time);
        whole.Fit(loader, Steps(_ => time.Advance(1)));
        Assert.Equal(12, whole.StepCount);
        SortedDictionary<string, string> expected = Snapshot.Of(whole);
        using TemporaryFolder folder = new();
        foreach (int steps in new[] { 1, 4, 5, 8, 11 })
        {
            string path = folder.File($"after{steps}.ckpt");
            using (MoCoTrainer first = Start(options, time))
            {
                first.CheckpointPath = path;
                using CancellationTokenSource cancellation = new();
                FitResult result = first.Fit(loader, Steps(report =>
                {
                    time.Advance(1);
                    if (report.Step == steps) cancellation.Cancel();
                }), cancellation.Token);
                Assert.Equal((true, (long)steps), (result.Cancelled, result.Steps));
            }
            // What happens between two runs is no time of training.
            time.Advance(1000);
            using MoCoTrainer second = MoCoTrainer.Resume(path);
            second.TimeProvider = time;
            second.LogEverySteps = 1;
            Assert.Equal((options, TimeSpan.FromSeconds(steps), false), (second.Options, second.TimeSpent, second.IsDone));
            second.Fit(loader, Steps(_ => time.Advance(1)));
            Snapshot.Same(expected, Snapshot.Of(second));
        }
    }

    [Fact]
    public void A_run_that_is_given_more_time_goes_on_at_its_share_of_the_time_in_all()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        using TemporaryFolder folder = new();
        ManualTime time = new();
        using (MoCoTrainer first = Start(Timed, time))
        {
            first.CheckpointPath = folder.File("run.ckpt");
            first.Fit(loader, Steps(_ => time.Advance(10)));
        }
        using MoCoTrainer second = Start(Timed with { Duration = TimeSpan.FromSeconds(200) }, time);
        second.Load(folder.File("run.ckpt"));
        List<double> rates = new();
        second.Fit(loader, Steps(report =>
        {
            rates.Add(report.LearningRate);
            time.Advance(10);
        }));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => Timed.Schedule.At(Timed.Optimizer.LearningRate, 0.5 + i / 20.0, 20)),
            rates, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(TimeSpan.FromSeconds(200), second.TimeSpent);
    }

    [Fact]
    public void A_callers_own_loop_goes_by_the_time_too()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Timed);
        ManualTime time = new();
        using MoCoTrainer trainer = Start(Timed, time);
        time.Advance(500); // the clock does not run before the first step
        List<double> rates = new();
        for (; !trainer.IsDone; trainer.EndEpoch())
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
                using (batch)
                {
                    rates.Add(trainer.Step(batch).LearningRate);
                    time.Advance(5);
                }
        Assert.Equal(Enumerable.Range(0, 20).Select(i => Timed.Schedule.At(Timed.Optimizer.LearningRate, i / 20.0, 20)), rates, (a, b)
            => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_run_by_epochs_knows_no_clock()
    {
        MoCoOptions options = Timed with { Duration = null, Epochs = 2 };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using TemporaryFolder folder = new();
        ManualTime time = new();
        using MoCoTrainer fast = ResumeTests.Start(options), slow = Start(options, time);
        fast.Fit(loader);
        slow.CheckpointPath = folder.File("run.ckpt");
        slow.Fit(loader, Steps(_ => time.Advance(1000)));
        Snapshot.Same(Snapshot.Of(fast), Snapshot.Of(slow));
        Assert.Equal(TimeSpan.FromSeconds(10_000), slow.TimeSpent);
        using SafetensorsFile file = SafetensorsFile.Open(slow.CheckpointPath);
        Assert.DoesNotContain("seconds", file.Metadata.Keys);
    }

    private static MoCoTrainer Start(MoCoOptions options, TimeProvider time)
    {
        MoCoTrainer trainer = ResumeTests.Start(options, logEverySteps: 1);
        trainer.TimeProvider = time;
        return trainer;
    }

    /// <summary>Told of steps only, each once.</summary>
    private static FitTests.Told Steps(Action<TrainingProgress> action) => new(report =>
    {
        if (report.Summary is null) action(report);
    });
}
