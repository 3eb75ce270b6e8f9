using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Data;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Distributed;

/// <summary>What a trainer of several ranks agrees on, and what it refuses.</summary>
public sealed class RankTrainerTests
{
    private static readonly MoCoOptions Options = TrainerFixture.Options with { BatchSize = 12, Epochs = 4 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_wish_of_one_rank_stops_all_after_the_same_step(int asked)
    {
        (FitResult Fit, long Steps, bool IsSaved)[] ends = ThreadGroup.Run(2, group =>
        {
            using TemporaryFolder folder = new();
            using CancellationTokenSource stop = new();
            using MoCoTrainer trainer = new(Options, group: group) { LogEverySteps = 1 };
            using TwoCropLoader loader = Loader(group, new TrainerFixture.NoiseImages(48));
            using CheckpointFolder checkpoints = new(folder.Path, group: group);
            trainer.Checkpoints = checkpoints;
            FitResult fit = trainer.Fit(loader, new Listener(value =>
            {
                if (group.Rank == asked && value.Step == 6) stop.Cancel();
            }), stop.Token);
            return (fit, trainer.StepCount, File.Exists(checkpoints.Last));
        });
        Assert.All(ends, end => Assert.True(end.Fit.Cancelled));
        // The wish goes along with the next step.
        Assert.Equal([7L, 7L], ends.Select(end => end.Steps));
        Assert.Equal([true, false], ends.Select(end => end.IsSaved));
    }

    [Fact]
    public void A_timed_run_has_one_clock()
    {
        MoCoOptions timed = Options with { Duration = TimeSpan.FromSeconds(10) };
        (long Steps, double[] Rates, string Digest)[] ends = ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(timed, group: group) { LogEverySteps = 1 };
            ManualTime time = new();
            trainer.TimeProvider = time;
            using TwoCropLoader loader = Loader(group, new TrainerFixture.NoiseImages(48), timed);
            List<double> rates = [];
            // Rank 1's clock is twice as fast.
            trainer.Fit(loader, new Listener(value =>
            {
                if (value.Summary is not null) return;
                rates.Add(value.LearningRate);
                time.Advance(group.Rank == 0 ? 1.3 : 2.6);
            }));
            return (trainer.StepCount, rates.ToArray(), RankResult.Of(trainer, []).Digest());
        });
        Assert.Equal(8, ends[0].Steps);
        Assert.Equal(ends[0].Steps, ends[1].Steps);
        Assert.Equal(ends[0].Rates, ends[1].Rates);
    }

    [Fact]
    public void A_rank_with_other_options_is_told_of_before_the_first_step()
    {
        string error = Assert.Throws<ProcessGroupException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(Options with { Seed = group.Rank == 1 ? 1 : 0 }, group: group);
            return 0;
        })).Message;
        Assert.Matches("^Rank 1 differs from rank 0 in Seed \\(here [01]\\); expected the same on every rank\\.$", error);
    }

    [Fact]
    public void Options_that_so_many_processes_cannot_share_are_refused_by_name()
    {
        string Refusal(MoCoOptions options) => Assert.Throws<ArgumentException>(() => options.Validate(4)).Message;
        Assert.Contains("Encoder.BatchNormSplits is 2; expected a multiple of 4", Refusal(Options));
        Assert.Contains("BatchSize is 6; expected a multiple of 4", Refusal(Options with { BatchSize = 6 }));
        Assert.Contains("BatchSize is 4; expected a multiple of 4, the processes, of two images or more",
            Refusal(Options with { BatchSize = 4 }));
        Assert.Contains("Encoder.Head is BatchNormMlp; expected another head for 4 processes with Method MoCo",
            Refusal(Options with { Encoder = Options.Encoder with { Head = HeadKind.BatchNormMlp, BatchNormSplits = 4 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Options.Validate(0));
    }

    [Fact]
    public void A_method_that_does_not_look_at_the_ranks_is_refused()
    {
        string error = Assert.Throws<NotSupportedException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(new OwnMethod(), Options, group: group);
            return 0;
        })).Message;
        Assert.StartsWith("OwnMethod does not train across processes (TrainsAcrossRanks is false), and there are 2", error);
    }

    [Fact]
    public void A_loader_of_another_rank_is_refused()
    {
        string error = Assert.Throws<ArgumentException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(Options, group: group);
            using TwoCropLoader loader = new(
                new TrainerFixture.NoiseImages(48), BatchRecord.Recipe, Options.Loader(group) with { Rank = 0, Ranks = 1 });
            return trainer.Fit(loader);
        })).Message;
        Assert.Contains("The loader is that of rank 0 of 1; expected rank ", error);
    }

    [Fact]
    public void Ranks_with_other_data_are_told_of_before_the_first_step()
    {
        string error = Assert.Throws<ProcessGroupException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(Options, group: group);
            using TwoCropLoader loader = Loader(group, new TrainerFixture.NoiseImages(group.Rank == 0 ? 48 : 24));
            return trainer.Fit(loader);
        })).Message;
        Assert.Matches("^Rank 1 differs from rank 0 in the number of images \\(here (24|48)\\), the batches of an epoch", error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ranks_with_views_that_differ_in_a_probability_or_a_number_are_told_of(bool probability)
    {
        string error = Assert.Throws<ProcessGroupException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(Options, group: group);
            AugmentationRecipe recipe = AugmentationRecipe.Grey(16, flipProbability: probability && group.Rank == 1 ? 0.4 : 0.5);
            using TwoCropLoader loader = new(new TrainerFixture.NoiseImages(48),
                new TwoCropRecipe(recipe).WithSmallViews(probability ? 2 : 2 + group.Rank, 8), Options.Loader(group) with { Workers = 1 });
            return trainer.Fit(loader);
        })).Message;
        Assert.StartsWith("Rank 1 differs from rank 0 in the views (here ", error);
    }

    [Fact]
    public void Ranks_whose_images_have_too_many_errors_together_stop_together()
    {
        LoaderException error = Assert.Throws<LoaderException>(() => ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = new(Options, group: group);
            // Each rank meets 8 of 12 that are allowed.
            using TwoCropLoader loader =
                new(new TrainerFixture.NoiseImages(96) { IsUnreadable = index => index % 6 == 0 }, BatchRecord.Recipe,
                    Options.Loader(group) with { MaximumErrorShare = 0.13 });
            return trainer.Fit(loader);
        }));
        Assert.StartsWith("noise: 16 of 96 images could not be read", error.Message);
    }

    [Fact]
    public void A_step_makes_these_calls_and_no_others()
    {
        List<string>[] calls = ThreadGroup.Run(2, group =>
        {
            using MoCoTrainer trainer = RankRun.Named["v1"].Trainer(group);
            using TwoCropBatch batch = RankRun.BatchOf(group, 0);
            group.Calls.Clear();
            trainer.Step(batch);
            return group.Calls;
        });
        // Views to where the shuffle wants them, keys to all, the row of measures, gradients.
        Assert.All(calls, made => Assert.Equal(["all-to-all", "all-gather", "all-reduce", "all-reduce"], made));
    }

    private static TwoCropLoader Loader(ProcessGroup group, IImageSource source, MoCoOptions? options = null)
        => new(source, AugmentationRecipe.Grey(16), (options ?? Options).Loader(group) with { Workers = 1 });

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }

    private sealed class OwnMethod : ContrastiveMethod
    {
        private readonly Encoder encoder_q = TinyBackbone.Encoder();

        public OwnMethod()
            : base(nameof(OwnMethod)) => RegisterComponents();

        public override Encoder QueryEncoder => encoder_q;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input) => throw new NotSupportedException();
    }
}
