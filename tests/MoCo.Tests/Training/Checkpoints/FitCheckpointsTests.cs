using Microsoft.Extensions.Logging;
using MoCo.Loading;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Training.Checkpoints;

public sealed class FitCheckpointsTests : IDisposable
{
    // Five batches an epoch.
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 3 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Fit_saves_every_nth_epoch_and_the_end_and_the_kept_ones()
    {
        List<(long Step, int Epoch)> seen =
            Train(new CheckpointPolicy { EveryEpochs = 2, KeepEveryEpochs = 3 }, out CheckpointFolder checkpoints);
        using (checkpoints)
        {
            Assert.Equal([(10, 2), (15, 3)], seen);
            Assert.Equal("epoch-0003.ckpt", Path.GetFileName(Assert.Single(checkpoints.Kept)));
        }
    }

    [Fact]
    public void Fit_saves_every_nth_step_and_closes_an_epoch_before_it_saves_its_last_one() =>
        Assert.Equal([(2, 0), (4, 0), (6, 1), (8, 1), (10, 2), (12, 2), (14, 2), (15, 3)],
            Train(new CheckpointPolicy { EveryEpochs = 100, EverySteps = 2 }));

    [Fact]
    public void Saving_while_training_goes_on_changes_nothing_and_a_cancel_is_resumed_to_the_same_end()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short, logEverySteps: 1);
        whole.Fit(loader);
        SortedDictionary<string, string> expected = Snapshot.Of(whole);

        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { EverySteps = 1 });
        using (MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1))
        {
            trainer.Checkpoints = checkpoints;
            using CancellationTokenSource cancellation = new();
            Assert.True(
                trainer.Fit(loader, new FitTests.Told(report => { if (report.Step == 7) cancellation.Cancel(); }), cancellation.Token)
                .Cancelled);
        }
        using MoCoTrainer resumed = MoCoTrainer.Resume(checkpoints.Last);
        Assert.Equal(7, resumed.StepCount);
        resumed.Checkpoints = checkpoints;
        resumed.Fit(loader);
        Snapshot.Same(expected, Snapshot.Of(resumed));
        using MoCoTrainer done = MoCoTrainer.Resume(checkpoints.Last);
        Snapshot.Same(expected, Snapshot.Of(done));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_stops_training_at_the_next_look_unless_it_is_told_to_go_on()
    {
        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { EverySteps = 1 });
        Directory.CreateDirectory(checkpoints.Last);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1);
        trainer.Checkpoints = checkpoints;
        string error = Assert.Throws<IOException>(() => trainer.Fit(loader)).Message;
        Assert.StartsWith($"The checkpoint of step 1 could not be written to {folder.Path}, ", error, StringComparison.Ordinal);
        Assert.InRange(trainer.StepCount, 1, 2);
    }

    [Fact]
    public void Told_to_go_on_training_logs_the_error_and_the_next_checkpoint_is_written_where_it_can_be()
    {
        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { EverySteps = 1, GoOnAfterError = true });
        Directory.CreateDirectory(checkpoints.Last);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        Lines log = new();
        using MoCoTrainer trainer = new(Short, logger: log) { LogEverySteps = 1 };
        trainer.Checkpoints = checkpoints;
        trainer.Fit(loader, new FitTests.Told(report =>
        {
            if (report.Step == 8 && Directory.Exists(checkpoints.Last)) Directory.Delete(checkpoints.Last);
        }));
        Assert.Contains(log.Errors, line
            => line.Contains("could not be written", StringComparison.Ordinal)
            && line.EndsWith("Training goes on.", StringComparison.Ordinal));
        using MoCoTrainer done = MoCoTrainer.Resume(checkpoints.Last);
        Assert.Equal((15L, 3), (done.StepCount, done.Epoch));
    }

    [Fact]
    public void The_last_checkpoint_is_tried_twice_and_its_error_is_always_told()
    {
        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { GoOnAfterError = true });
        Directory.CreateDirectory(checkpoints.Last);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1);
        trainer.Checkpoints = checkpoints;
        Assert.Contains("The checkpoint of step 15", Assert.Throws<IOException>(() => trainer.Fit(loader))
            .Message, StringComparison.Ordinal);
    }

    private List<(long Step, int Epoch)> Train(CheckpointPolicy policy)
    {
        List<(long Step, int Epoch)> seen = Train(policy, out CheckpointFolder checkpoints);
        checkpoints.Dispose();
        return seen;
    }

    /// <summary>Where the run stood at each save, found after each step and epoch.</summary>
    private List<(long Step, int Epoch)> Train(CheckpointPolicy policy, out CheckpointFolder checkpoints)
    {
        List<(long Step, int Epoch)> seen = [];
        CheckpointFolder saved = checkpoints = new CheckpointFolder(folder.Path, policy);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1);
        trainer.Checkpoints = checkpoints;
        trainer.Fit(loader, new FitTests.Told(_ => Look()));
        Look();
        return seen;

        void Look()
        {
            if (saved.LastSaved is { } last && (seen.Count == 0 || seen[^1] != (last.Step, last.Epoch))) seen.Add((last.Step, last.Epoch));
        }
    }

    private sealed class Lines : ILogger
    {
        public List<string> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState,
            Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error) Errors.Add(formatter(state, exception));
        }
    }
}
