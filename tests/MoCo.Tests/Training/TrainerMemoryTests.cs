using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class TrainerMemoryTests
{
    private static readonly MoCoOptions Tiny = TrainerFixture.Options with { BatchSize = 6, Epochs = 1000 };

    [Theory]
    [InlineData(SymmetricLoss.Off)]
    [InlineData(SymmetricLoss.Mean)]
    public void A_thousand_steps_leave_not_one_live_tensor_more(SymmetricLoss symmetric)
    {
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = new(Method(symmetric), Tiny);
        using TwoCropBatch batch = new(
            rand(6, 1, 6, 6), rand(6, 1, 6, 6), Enumerable.Range(0, 6).ToArray(), 0, 0)
        { BatchesPerEpoch = 10 };
        for (int step = 0; step < 20; step++) Once(step);
        long before = LiveTensors.Settled();
        int steps = symmetric == SymmetricLoss.Off ? 1000 : 200;
        for (int step = 0; step < steps; step++) Once(step);
        Assert.Equal(before, torch.Tensor.TotalCount);

        void Once(int step)
        {
            trainer.Step(batch);
            if (step % 100 == 9) trainer.EndEpoch();
            if (step % 100 != 19) return;
            trainer.Save(folder.File("run.ckpt"));
            trainer.Load(folder.File("run.ckpt"));
        }
    }

    [Fact]
    public void Steps_within_a_callers_dispose_scope_leave_nothing_in_it()
    {
        using MoCoTrainer trainer = new(Method(SymmetricLoss.Off), Tiny);
        using DisposeScope scope = NewDisposeScope();
        using TwoCropBatch batch = new(rand(6, 1, 6, 6), rand(6, 1, 6, 6), Enumerable.Range(0, 6).ToArray(), 0, 0);
        for (int step = 0; step < 20; step++) trainer.Step(batch);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Loading_and_training_epoch_by_epoch_leaves_not_one_live_tensor_more()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(TrainerFixture.Options with { Epochs = 5 });
        using MoCoTrainer trainer = new(TrainerFixture.Options with { Epochs = 5 });
        List<long> counts = new();
        trainer.Fit(loader, new FitTests.Told(report => { if (report.Summary is not null) counts.Add(LiveTensors.Settled()); }));
        Assert.Equal(5, counts.Count);
        Assert.All(counts[1..], count => Assert.Equal(counts[1], count));
    }

    [Fact]
    public void A_disposed_trainer_and_loader_leave_no_live_tensor()
    {
        long before = LiveTensors.Settled(), taken;
        using (TwoCropLoader loader = TrainerFixture.Loader(TrainerFixture.Options with { Epochs = 1 }))
        using (MoCoTrainer trainer = new(
            TrainerFixture.Options with { Epochs = 1, Queue = TrainerFixture.Options.Queue with { TrackSlots = true } }))
        {
            trainer.Fit(loader);
            taken = LiveTensors.TakenOver(trainer.Method);
        }
        Assert.Equal(before + taken, LiveTensors.Settled());
    }

    private static MomentumContrast Method(SymmetricLoss symmetric)
        => new(TinyBackbone.Encoder(2), TinyBackbone.Encoder(2), new KeyQueue(8, 40), loss: new() { Symmetric = symmetric },
            shuffle: new BatchShuffle(1));
}
