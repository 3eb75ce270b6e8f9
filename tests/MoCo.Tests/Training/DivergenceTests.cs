using MoCo.Loading;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class DivergenceTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_image_that_is_not_finite_stops_training_before_it_reaches_the_weights(float value)
    {
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        using (TwoCropBatch good = Batch(0)) trainer.Step(good);
        using Tensor before = trainer.Method.Parameters.Values.clone();
        using Tensor queue = trainer.Method.state_dict()["queue.queue"].clone();
        using TwoCropBatch bad = Batch(value);
        TrainingDivergedException e = Assert.Throws<TrainingDivergedException>(() => trainer.Step(bad));
        Assert.Equal(1, e.Step);
        Assert.Contains("The loss is NaN at or just before step 1, learning rate 0.0", e.Message, StringComparison.Ordinal);
        Assert.Contains("Most likely the learning rate is too high", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was saved before; begin anew with a lower learning rate or with warm-up.", e.Message,
            StringComparison.Ordinal);
        Assert.Equal(1, trainer.StepCount);
        Fixture.Near(before, trainer.Method.Parameters.Values, 0, "parameters");
        Fixture.Near(queue, trainer.Method.state_dict()["queue.queue"], 0, "queue");
    }

    [Theory]
    [InlineData(1e30)]
    [InlineData(1e12)]
    public void A_learning_rate_beyond_all_bounds_stops_training_and_the_last_checkpoint_stands(double rate)
    {
        MoCoOptions sound = TrainerFixture.Options with { Epochs = 2 }, wild = sound with { Optimizer = new() { LearningRate = rate } };
        using TwoCropLoader loader = TrainerFixture.Loader(sound);
        using TemporaryFolder folder = new();
        string path = folder.File("run.ckpt");
        using (MoCoTrainer trainer = ResumeTests.Start(sound))
        {
            ResumeTests.Run(trainer, loader, 2);
            trainer.Save(path);
        }
        byte[] saved = File.ReadAllBytes(path);

        using MoCoTrainer diverging = ResumeTests.Start(wild);
        diverging.Load(path);
        diverging.CheckpointPath = path;
        TrainingDivergedException e = Assert.Throws<TrainingDivergedException>(() => diverging.Fit(loader));
        Assert.InRange(e.Step, 2, 9);
        Assert.Contains("learning rate ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith($"The checkpoint {path} stands; go on from it with a lower learning rate or with warm-up.", e.Message,
            StringComparison.Ordinal);
        Assert.Equal(saved, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_bad_step_is_left_out_as_if_its_batch_had_not_been_and_is_counted_in_the_checkpoint()
    {
        MoCoOptions skipping = TrainerFixture.Options with { OnNonFinite = NonFiniteLoss.Skip, MostSkippedSteps = 2 };
        using MoCoTrainer trainer = ResumeTests.Start(skipping), same = ResumeTests.Start(skipping);
        using TwoCropBatch good = Batch(0), bad = Batch(float.NaN);
        trainer.Step(good);
        same.Step(good);
        StepResult skipped = trainer.Step(bad);
        Assert.True(skipped.IsSkipped);
        Assert.Equal((1L, double.NaN, 1L, 1L), (skipped.Step, skipped.Loss, trainer.SkippedSteps, trainer.StepCount));
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        foreach (MoCoTrainer each in (MoCoTrainer[])[trainer, resumed, same]) Assert.False(each.Step(good).IsSkipped);
        Assert.Equal((1L, 0L), (resumed.SkippedSteps, same.SkippedSteps));
        Snapshot.Same(Snapshot.Of(same), Snapshot.Of(trainer));
        Snapshot.Same(Snapshot.Of(same), Snapshot.Of(resumed));

        Assert.True(resumed.Step(bad).IsSkipped);
        resumed.Save(folder.File("run.ckpt"));
        using MoCoTrainer again = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.True(again.Step(bad).IsSkipped);
        Assert.Throws<TrainingDivergedException>(() => again.Step(bad));
        Assert.Throws<InvalidOperationException>(() => again.Save(folder.File("run.ckpt")));
    }

    [Fact]
    public void The_batch_that_made_a_loss_not_finite_is_written_aside_and_can_be_replayed()
    {
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        trainer.BadBatchFolder = folder.File("bad");
        using TwoCropBatch good = Batch(0), bad = Batch(float.NaN);
        trainer.Step(good);
        Assert.Throws<TrainingDivergedException>(() => trainer.Step(bad));
        string path = Assert.Single(Directory.GetFiles(folder.File("bad"), "*.safetensors"));
        Assert.Equal("step-00000001-batch-000001.safetensors", Path.GetFileName(path));
        ReplayedStep replayed = MoCoTrainer.Replay(path);
        Assert.Equal((1L, 0, 1, double.NaN, "views"),
            (replayed.Step, replayed.Epoch, replayed.Batch, replayed.Loss, replayed.FirstNotFinite));

        using (DisposeScope scope = NewDisposeScope())
        using (no_grad())
            trainer.QueryEncoder.get_parameter("backbone.layer2.0.conv1.weight")![0, 0, 0, 0].Fill(double.PositiveInfinity);
        trainer.Load(Saved(trainer, folder.File("weights.ckpt")));
        Assert.Throws<TrainingDivergedException>(() => trainer.Step(good));
        replayed = MoCoTrainer.Replay(Directory.GetFiles(folder.File("bad"), "*.safetensors").Order().First());
        Assert.Equal("key backbone.layer2.0.conv1", replayed.FirstNotFinite);
        Assert.Contains("has no seal", Assert.Throws<InvalidDataException>(() => MoCoTrainer.Replay(Truncated(path))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_names_the_images_of_a_bad_batch_and_goes_on_behind_it()
    {
        MoCoOptions skipping = TrainerFixture.Options with { Epochs = 1, OnNonFinite = NonFiniteLoss.Skip };
        using TemporaryFolder folder = new();
        using TwoCropLoader loader = TrainerFixture.Loader(skipping);
        using MoCoTrainer trainer = ResumeTests.Start(skipping);
        trainer.BadBatchFolder = folder.File("bad");
        int calls = 0;
        nn.Module<Tensor, Tensor>.HookRemover hook = trainer.QueryEncoder.register_forward_hook((_, _, made) =>
        {
            if (++calls == 3) made.detach().Fill(double.NaN);
            return made;
        });
        trainer.Fit(loader);
        hook.remove();
        Assert.Equal((4L, 1L, 1), (trainer.StepCount, trainer.SkippedSteps, trainer.Epoch));
        ReplayedStep replayed = MoCoTrainer.Replay(Assert.Single(Directory.GetFiles(folder.File("bad"), "*.safetensors")));
        Assert.Equal((2L, 2, (string?)null), (replayed.Step, replayed.Batch, replayed.FirstNotFinite));
        Assert.True(double.IsFinite(replayed.Loss) && double.IsFinite(replayed.GradientNorm!.Value));
        Assert.Equal(12, replayed.Images.Count);
        Assert.All(replayed.Images, image => Assert.StartsWith("noise, image ", image, StringComparison.Ordinal));
    }

    [Fact]
    public void A_batch_of_one_is_refused_by_name()
    {
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        using TwoCropBatch batch = new(zeros(1, 1, 16, 16), zeros(1, 1, 16, 16), new[] { 0 }, 0, 0);
        Assert.StartsWith("The batch has 1 images; expected 2 or more", Assert.Throws<ArgumentException>(() => trainer.Step(batch))
            .Message, StringComparison.Ordinal);
    }

    private static string Saved(MoCoTrainer trainer, string path)
    {
        using MoCoTrainer sound = new(trainer.Options);
        foreach ((string name, Tensor value) in trainer.Method.state_dict()) sound.Method.state_dict()[name].detach().copy_(value);
        sound.Save(path);
        return path;
    }

    private static string Truncated(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllText(path, System.Text.Encoding.Latin1.GetString(bytes).Replace("sha256", "sha255", StringComparison.Ordinal),
            System.Text.Encoding.Latin1);
        return path;
    }

    private static TwoCropBatch Batch(float corner)
    {
        using Generator generator = new(3, CPU);
        Tensor query = randn(12, 1, 16, 16, generator: generator), key = randn(12, 1, 16, 16, generator: generator);
        query[3, 0, 0, 0].Fill(corner);
        return new TwoCropBatch(query, key, Enumerable.Range(0, 12).ToArray(), 0, 1) { BatchesPerEpoch = 5 };
    }
}
