using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>Runs whose batches have small views, and two recipes.</summary>
public sealed class MultiCropRunTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Theory]
    [InlineData(SymmetricLoss.Off, 1)]
    [InlineData(SymmetricLoss.Mean, 2)]
    public void A_run_learns_from_small_views_and_resumes_bit_for_bit(SymmetricLoss symmetric, int parts)
    {
        MoCoOptions options = Short with { Loss = Short.Loss with { Symmetric = symmetric }, MicroBatches = parts };
        using TwoCropLoader loader = Loader(options), plain = TrainerFixture.Loader(options);
        using MoCoTrainer whole = ResumeTests.Start(options), begun = ResumeTests.Start(options), other = ResumeTests.Start(options);
        double[] losses = ResumeTests.Run(whole, loader);
        Assert.NotEqual(ResumeTests.Run(other, plain), losses);
        ResumeTests.Run(begun, loader, 7);
        using TemporaryFolder folder = new();
        begun.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(losses[7..], ResumeTests.Run(resumed, loader));
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(resumed));
    }

    [Fact]
    public void A_pair_of_the_same_recipe_trains_what_one_recipe_does()
    {
        using TwoCropLoader one = TrainerFixture.Loader(Short), pair = Loader(Short, new(Grey, Grey));
        using MoCoTrainer first = ResumeTests.Start(Short), second = ResumeTests.Start(Short);
        Assert.Equal(ResumeTests.Run(first, one), ResumeTests.Run(second, pair));
        Snapshot.Same(Snapshot.Of(first), Snapshot.Of(second));
    }

    [Fact]
    public void A_step_that_fails_at_the_small_views_has_not_been()
    {
        using TwoCropLoader loader = Loader(Short);
        using MoCoTrainer whole = ResumeTests.Start(Short), trainer = ResumeTests.Start(Short);
        foreach (TwoCropBatch batch in loader.Epoch(0).Take(3))
        {
            using (batch)
            {
                nn.Module<Tensor, Tensor>.HookRemover hook = trainer.QueryEncoder.register_forward_hook((_, input, made)
                    => input.shape[0] > batch.Size ? throw new TimeoutException() : made);
                Assert.Throws<TimeoutException>(() => trainer.Step(batch));
                hook.remove();
                Assert.Equal(whole.Step(batch).Loss, trainer.Step(batch).Loss);
            }
        }
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(trainer));
    }

    [Fact]
    public void Small_views_of_a_bad_batch_are_written_aside_and_replayed()
    {
        using TemporaryFolder folder = new();
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.BadBatchFolder = folder.File("bad");
        using TwoCropBatch bad = Batch(double.NaN);
        Assert.Throws<TrainingDivergedException>(() => trainer.Step(bad));
        string path = Assert.Single(Directory.GetFiles(folder.File("bad"), "*.safetensors"));
        using (TwoCropBatch read = BadBatch.Read(path).Batch)
            Assert.Equal([[12, 1, 8, 8], [12, 1, 8, 8]], read.SmallViews.Select(v => v.shape));
        Assert.Equal("views", MoCoTrainer.Replay(path).FirstNotFinite);
    }

    [Fact]
    public void Methods_without_a_key_for_small_views_refuse_them_by_name()
    {
        MoCoOptions simClr = Short with { Method = MethodKind.SimClr };
        using MoCoTrainer trainer = new(simClr);
        using TwoCropBatch batch = Batch(0);
        const string Message = "There are 2 small views of each image, and EndToEndContrast takes none (TakesSmallViews is false)";
        Assert.StartsWith(Message, Assert.Throws<ArgumentException>(() => trainer.Step(batch)).Message, StringComparison.Ordinal);
        using TwoCropLoader loader = Loader(simClr);
        Assert.StartsWith(Message, Assert.Throws<ArgumentException>(() => trainer.Fit(loader)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transformer_takes_small_views_of_whole_patches_alone()
    {
        MoCoOptions vit = Short with
        {
            Method = MethodKind.MoCoV3,
            Encoder = MoCoOptions.V3.Encoder with
            {
                Backbone = Backbone.ViTSmall,
                Width = 1 / 12.0,
                InputChannels = 1,
                EmbeddingDimension = 8,
                HiddenDimension = 8,
            },
            KeyEncoder = MoCoOptions.V3.KeyEncoder,
            Epochs = 1,
        };
        TwoCropRecipe recipe = new(AugmentationRecipe.Grey(32));
        using (TwoCropLoader wrong = Loader(vit, recipe.WithSmallViews(2, 24)))
            Assert.Contains("views of 24 pixels; expected a multiple of 16",
                Assert.Throws<ArgumentException>(() => vit.CheckBatches(wrong)).Message, StringComparison.Ordinal);
        using TwoCropLoader loader = Loader(vit, recipe.WithSmallViews(2, 16));
        using MoCoTrainer trainer = new(vit);
        Assert.False(trainer.Fit(loader).Cancelled);
        Assert.Equal(5, trainer.StepCount);
    }

    private static AugmentationRecipe Grey => AugmentationRecipe.Grey(16);

    private static TwoCropLoader Loader(MoCoOptions options, TwoCropRecipe? recipe = null) => new(new TrainerFixture.NoiseImages(58),
        recipe ?? new TwoCropRecipe(Grey).WithSmallViews(2, 8), options.Loader() with { Workers = 2 });

    private static TwoCropBatch Batch(double small)
    {
        using DisposeScope scope = NewDisposeScope();
        return new TwoCropBatch(rand(12, 1, 16, 16), rand(12, 1, 16, 16), Enumerable.Range(0, 12).ToArray(), 0, 0)
        {
            SmallViews = [rand(12, 1, 8, 8), rand(12, 1, 8, 8).Plus(small)],
        };
    }
}
