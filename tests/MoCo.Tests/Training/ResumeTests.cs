using MoCo.Contrast.Losses;
using MoCo.Loading;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class ResumeTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Fact]
    public void A_run_interrupted_after_any_batch_and_resumed_equals_the_uninterrupted_one_bit_for_bit()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer whole = Start(Short);
        double[] losses = Run(whole, loader);
        SortedDictionary<string, string> expected = Snapshot.Of(whole);
        Assert.Equal(10, losses.Length); // two epochs of four batches of 12 and one of 10

        using TemporaryFolder folder = new();
        for (int interrupted = 0; interrupted <= losses.Length; interrupted++)
        {
            using (MoCoTrainer first = Start(Short))
            {
                double[] before = Run(first, loader, interrupted);
                Assert.Equal(losses[..interrupted], before);
                first.Save(folder.File("run.ckpt"));
            }
            manual_seed(999); // the checkpoint brings torch's random state along
            using MoCoTrainer second = MoCoTrainer.Resume(folder.File("run.ckpt"));
            Assert.Equal(interrupted, second.StepCount);
            Assert.Equal(losses[interrupted..], Run(second, loader));
            Snapshot.Same(expected, Snapshot.Of(second));
        }
    }

    [Fact]
    public void A_checkpoint_between_two_epochs_resumes_with_the_next_one()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = Start(Short);
        foreach (TwoCropBatch batch in loader.Epoch(0))
            using (batch) trainer.Step(batch);
        trainer.EndEpoch();
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal((1, 0, 5L), (resumed.Epoch, resumed.Batch, resumed.StepCount));
        Assert.Equal(Run(trainer, loader), Run(resumed, loader));
        Snapshot.Same(Snapshot.Of(trainer), Snapshot.Of(resumed));
    }

    [Fact]
    public void A_resumed_trainer_has_the_options_of_the_interrupted_one()
    {
        using MoCoTrainer trainer = Start(Short);
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(trainer.Options, resumed.Options);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_tracks_its_queue_or_has_both_views_as_queries_resumes_bit_for_bit(bool symmetric)
    {
        MoCoOptions options = Short with
        {
            Queue = Short.Queue with { TrackSlots = !symmetric },
            Loss = Short.Loss with { Symmetric = symmetric ? SymmetricLoss.Sum : SymmetricLoss.Off },
            Optimizer = Short.Optimizer with { Nesterov = true, DecayAll = false },
        };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer whole = Start(options);
        double[] losses = Run(whole, loader);
        using MoCoTrainer first = Start(options);
        Run(first, loader, 7);
        using TemporaryFolder folder = new();
        first.Save(folder.File("run.ckpt"));
        using MoCoTrainer second = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(losses[7..], Run(second, loader));
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(second));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_same_seed_gives_the_same_weights_whatever_the_number_of_workers(int workers)
    {
        using TwoCropLoader two = TrainerFixture.Loader(Short), other = TrainerFixture.Loader(Short, workers: workers);
        using MoCoTrainer first = Start(Short), second = Start(Short);
        Assert.Equal(Run(first, two), Run(second, other));
        Snapshot.Same(Snapshot.Of(first), Snapshot.Of(second));
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        MoCoOptions other = Short with { Seed = 8 };
        using TwoCropLoader sevens = TrainerFixture.Loader(Short), eights = TrainerFixture.Loader(other);
        using MoCoTrainer seven = Start(Short), eight = Start(other);
        Assert.NotEqual(Run(seven, sevens, 3), Run(eight, eights, 3));
    }

    [Fact]
    public void Loading_a_checkpoint_forgets_the_epoch_that_was_under_way()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = Start(Short);
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("start.ckpt"));
        Run(trainer, loader, 4);
        trainer.Load(folder.File("start.ckpt"));
        Run(trainer, loader, 3);
        EpochSummary summary = trainer.EndEpoch();
        Assert.Equal((3L, 36L), (summary.Steps, summary.Images));
    }

    /// <summary>Torch's random state is the process's: a run begins from the same one.</summary>
    internal static MoCoTrainer Start(MoCoOptions options, int logEverySteps = 2)
    {
        manual_seed(1);
        return new MoCoTrainer(options) { LogEverySteps = logEverySteps };
    }

    /// <summary>Trains to the end, or until <paramref name="steps"/> steps are done, and gives the losses.</summary>
    internal static double[] Run(MoCoTrainer trainer, TwoCropLoader loader, int steps = int.MaxValue)
    {
        List<double> losses = new();
        for (; trainer.Epoch < trainer.Options.Epochs; trainer.EndEpoch())
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
            {
                using (batch)
                {
                    if (losses.Count == steps) return [.. losses];
                    losses.Add(trainer.Step(batch).Loss);
                }
            }
            if (losses.Count == steps) return [.. losses];
        }
        return [.. losses];
    }
}
