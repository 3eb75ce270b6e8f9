using MoCo.Loading;
using MoCo.Training;
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
    public void A_batch_of_one_is_refused_by_name()
    {
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        using TwoCropBatch batch = new(zeros(1, 1, 16, 16), zeros(1, 1, 16, 16), new[] { 0 }, 0, 0);
        Assert.StartsWith("The batch has 1 images; expected 2 or more", Assert.Throws<ArgumentException>(() => trainer.Step(batch))
            .Message, StringComparison.Ordinal);
    }

    private static TwoCropBatch Batch(float corner)
    {
        using Generator generator = new(3, CPU);
        Tensor query = randn(12, 1, 16, 16, generator: generator), key = randn(12, 1, 16, 16, generator: generator);
        query[3, 0, 0, 0].Fill(corner);
        return new TwoCropBatch(query, key, Enumerable.Range(0, 12).ToArray(), 0, 1) { BatchesPerEpoch = 5 };
    }
}
