using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;

namespace MoCo.Tests.Training.Checkpoints;

/// <summary>Checkpoints that version 0.1.0 wrote, with flat options and enumerations as numbers, go on as 0.1.0 went on.</summary>
public class OldCheckpointTests
{
    [Fact]
    public void A_run_by_epochs_goes_on_as_before()
    {
        using MoCoTrainer trainer = Resume("epochs");
        MoCoOptions expected = new()
        {
            Encoder = new()
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.0625,
                Head = HeadKind.Mlp,
                EmbeddingDimension = 8,
                BatchNormSplits = 2
            },
            Queue = new() { Length = 40, TrackSlots = true },
            KeyEncoder = new() { Momentum = 0.9 },
            Loss = new() { Temperature = 0.2, Symmetric = SymmetricLoss.Mean },
            BatchSize = 12,
            Epochs = 3,
            Optimizer = new() { LearningRate = 0.05, ScaleLearningRate = true, Nesterov = true, WeightDecay = 5e-4, DecayAll = false },
            Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.5 },
            Seed = 7,
        };
        Assert.Equal(expected, trainer.Options);
        Assert.Equal((7, 1, 2), (trainer.StepCount, trainer.Epoch, trainer.Batch));
        GoesOn(trainer, [3.8570077419281006, 3.694655418395996, 3.844043254852295, 3.76812744140625]);
    }

    [Fact]
    public void A_run_by_time_goes_on_as_before()
    {
        using MoCoTrainer trainer = Resume("time");
        MoCoOptions expected = new()
        {
            Encoder = new()
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.0625,
                EmbeddingDimension = 8,
                BatchNormSplits = 1
            },
            Queue = new() { Length = 24 },
            KeyEncoder = new() { Momentum = 0.99, ShuffleBatch = false },
            Loss = new() { BlockLogits = 2048 },
            BatchSize = 12,
            DropLastBatch = true,
            Epochs = 5,
            Duration = TimeSpan.FromHours(2),
            Schedule = trainer.Options.Schedule,
            Seed = 3,
        };
        Assert.Equal(expected, trainer.Options);
        StepSchedule schedule = Assert.IsType<StepSchedule>(trainer.Options.Schedule);
        Assert.Equal([2, 4], schedule.Milestones);
        Assert.Equal(0.2, schedule.Decay);
        Assert.Equal(0.063516, trainer.TimeSpent.TotalSeconds, 6);
        GoesOn(trainer, [4.407181739807129, 4.2546067237854, 4.671250820159912, 3.266167402267456]);
    }

    private static MoCoTrainer Resume(string name) => MoCoTrainer.Resume(Fixture.Path("own", name + ".ckpt"));

    /// <summary>The losses that 0.1.0 had after saving; the last digits are the processor's.</summary>
    private static void GoesOn(MoCoTrainer trainer, double[] losses)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(trainer.Options);
        List<double> found = new();
        for (; found.Count < losses.Length; trainer.EndEpoch())
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
            {
                using (batch) found.Add(trainer.Step(batch).Loss);
                if (found.Count == losses.Length) break;
            }
        }
        Assert.Equal(losses, found, (expected, actual) => Math.Abs(expected - actual) < 1e-3);
    }
}
