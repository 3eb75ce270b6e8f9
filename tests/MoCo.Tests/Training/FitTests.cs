using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class FitTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Fact]
    public void Fit_does_what_the_callers_own_loop_does()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer byHand = ResumeTests.Start(Short);
        ResumeTests.Run(byHand, loader);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        FitResult result = trainer.Fit(loader);
        Assert.Equal((false, 10L, 116L), (result.Cancelled, result.Steps, result.Images));
        Assert.True(result.Elapsed > TimeSpan.Zero);
        Snapshot.Same(Snapshot.Of(byHand), Snapshot.Of(trainer));
        Assert.Equal(0, trainer.Fit(loader).Steps); // all epochs are done
    }

    [Fact]
    public void Fit_reports_every_logging_interval_and_every_epoch_on_the_callers_thread()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        List<TrainingProgress> reports = new();
        HashSet<int> threads = new();
        trainer.Fit(loader, new Told(report =>
        {
            reports.Add(report);
            threads.Add(Environment.CurrentManagedThreadId);
        }));

        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        Assert.Equal([2, 4, 5, 6, 8, 10, 10], reports.Select(report => report.Step));
        Assert.Equal([2, 4, 5, 1, 3, 5, 5], reports.Select(report => report.Batch));
        Assert.Equal([0, 0, 0, 1, 1, 1, 1], reports.Select(report => report.Epoch));
        Assert.Equal([0, 1], reports.Where(report => report.Summary is not null).Select(report => report.Summary!.Epoch));
        Assert.All(reports, report => Assert.Equal((2, 5, Math.Log(65)), (report.Epochs, report.Batches, report.ChanceLoss)));
        Assert.All(reports, report => Assert.True(double.IsFinite(report.Loss) && report.Loss > 0 && report.ImagesPerSecond > 0));
        Assert.All(reports[..^2], report => Assert.True(report.TimeLeft > TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, reports[^1].TimeLeft);
        Assert.Equal((5L, 58L), (reports[^1].Summary!.Steps, reports[^1].Summary!.Images));
    }

    [Fact]
    public void Fit_saves_after_every_epoch()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.CheckpointPath = folder.File("made/run.ckpt");
        trainer.Fit(loader, new Told(report =>
        {
            if (report.Step != 6) return;
            using MoCoTrainer afterOne = MoCoTrainer.Resume(trainer.CheckpointPath);
            Assert.Equal((1, 0, 5L), (afterOne.Epoch, afterOne.Batch, afterOne.StepCount));
        }));
        using MoCoTrainer done = MoCoTrainer.Resume(trainer.CheckpointPath);
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(done));
        Assert.Equal((2, 0), (done.Epoch, done.Batch));
        Assert.Equal([trainer.CheckpointPath], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_cancel_after_any_step_leaves_a_checkpoint_from_which_Fit_comes_to_the_same_end()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short);
        whole.Fit(loader);
        SortedDictionary<string, string> expected = Snapshot.Of(whole);
        using TemporaryFolder folder = new();
        for (int steps = 0; steps <= 10; steps++)
        {
            string path = folder.File($"after{steps}.ckpt");
            using (MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1))
            {
                trainer.CheckpointPath = path;
                using CancellationTokenSource cancellation = new();
                if (steps == 0) cancellation.Cancel();
                FitResult result = trainer.Fit(
                    loader, new Told(report => { if (report.Step == steps) cancellation.Cancel(); }), cancellation.Token);
                Assert.Equal((steps < 10, (long)steps), (result.Cancelled, result.Steps));
            }
            using MoCoTrainer resumed = MoCoTrainer.Resume(path);
            Assert.Equal(steps, resumed.StepCount);
            resumed.Fit(loader);
            Snapshot.Same(expected, Snapshot.Of(resumed));
        }
    }

    [Fact]
    public void A_cancel_from_another_thread_at_any_moment_leaves_a_checkpoint_that_goes_on()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short);
        TimeSpan length = whole.Fit(loader).Elapsed;
        SortedDictionary<string, string> expected = Snapshot.Of(whole);
        using TemporaryFolder folder = new();
        Random random = new(5);
        for (int attempt = 0; attempt < 8; attempt++)
        {
            string path = folder.File($"{attempt}.ckpt");
            bool cancelled;
            using (MoCoTrainer trainer = ResumeTests.Start(Short))
            {
                trainer.CheckpointPath = path;
                using CancellationTokenSource cancellation = new(length * random.NextDouble());
                cancelled = trainer.Fit(loader, cancellationToken: cancellation.Token).Cancelled;
            }
            using MoCoTrainer resumed = MoCoTrainer.Resume(path);
            Assert.Equal(cancelled, resumed.Epoch < Short.Epochs);
            resumed.Fit(loader);
            Snapshot.Same(expected, Snapshot.Of(resumed));
        }
    }

    [Fact]
    public void The_learning_rates_in_use_are_the_schedules()
    {
        using TwoCropLoader loader = TrainerFixture.Loader();
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        MoCoOptions options = trainer.Options;
        for (; trainer.Epoch < options.Epochs; trainer.EndEpoch())
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch))
                using (batch)
                    Assert.Equal(options.Schedule.At(options.Optimizer.LearningRate, batch.Epoch, batch.Number / 5.0, options.Epochs),
                        trainer.Step(batch).LearningRate, 1e-15);
    }

    [Fact]
    public void A_rate_of_one_batch_of_256_is_scaled_with_the_batch_where_the_options_say_so()
    {
        MoCoOptions options =
            TrainerFixture.Options with
            {
                Optimizer =
            TrainerFixture.Options.Optimizer with { ScaleLearningRate = true, LearningRate = 0.32 },
                Schedule = new StepSchedule { Milestones = [1], Decay = 0.5 }
            };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options);
        foreach (TwoCropBatch batch in loader.Epoch(1).Take(1))
            using (batch) Assert.Equal(0.32 * 12 / 256 * 0.5, trainer.Step(batch).LearningRate, 1e-15);
    }

    [Fact]
    public void A_zero_rate_moves_nothing_but_the_same_step_with_a_rate_does()
    {
        // factor 0: the cosine's end
        MoCoOptions options = TrainerFixture.Options with { Epochs = 1, Schedule = new CosineSchedule() };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options);
        using Tensor before = trainer.Method.Parameters.Values.clone();
        foreach (TwoCropBatch batch in loader.Epoch(1).Take(1))
            using (batch) trainer.Step(batch);
        Fixture.Near(before, trainer.Method.Parameters.Values, 0, "parameters after a step of rate 0");
        foreach (TwoCropBatch batch in loader.Epoch(0).Take(1))
            using (batch) trainer.Step(batch);
        Assert.NotEqual(0, (before - trainer.Method.Parameters.Values).abs().max().item<float>());
    }

    internal sealed class Told(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
