using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A batch in parts is the batch as a whole, where BatchNorm sees the same groups.</summary>
public sealed class MicroBatchTests
{
    private const int Dimension = 8, Length = 30;

    [Theory]
    [InlineData(12, 2, 2, SymmetricLoss.Off)]
    [InlineData(12, 2, 4, SymmetricLoss.Mean)]
    [InlineData(13, 3, 3, SymmetricLoss.Sum)]
    [InlineData(12, 2, 4, SymmetricLoss.Off, 3)]
    [InlineData(12, 3, 3, SymmetricLoss.Sum, 2)]
    public void Three_steps_in_parts_are_those_of_the_whole_batch_to_float64_rounding(
        int batch, int parts, int groups, SymmetricLoss symmetric, int small = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        using MomentumContrast whole = Make(groups, symmetric), cut = Make(groups / parts, symmetric);
        Dictionary<string, Tensor> start = whole.state_dict();
        using (no_grad())
            foreach ((string name, Tensor value) in cut.state_dict()) value.copy_(start[name]);
        cut.AfterLoading();
        using FlatSgd first = new(whole.Parameters), second = new(cut.Parameters);
        for (int step = 0; step < 3; step++)
        {
            StepInput input = new(randn(batch, 1, 6, 6, dtype: ScalarType.Float64), randn(batch, 1, 6, 6, dtype: ScalarType.Float64), step)
            {
                SmallViews = [.. Enumerable.Range(0, small).Select(_ => randn(batch, 1, 4, 4, dtype: ScalarType.Float64))],
                Indices = Enumerable.Range(step * 4, batch).ToArray(),
                Labels = Enumerable.Range(0, batch).Select(i => i % 3).ToArray(),
            };
            using ContrastiveLoss expected = whole.Forward(input);
            expected.Loss.backward();
            int calls = 0;
            using ContrastiveLoss found = cut.ForwardInParts(input, parts, loss =>
            {
                calls++;
                loss.backward();
            });
            Assert.Equal(parts, calls);
            foreach ((Tensor one, Tensor other) in expected.All.Take(3).Zip(found.All))
                Fixture.Near(one, other, 1e-12, "loss, accuracy, similarity");
            Fixture.Near(whole.Parameters.Gradients!, cut.Parameters.Gradients!, 1e-10, $"gradients of step {step}");
            first.Step(0.1);
            second.Step(0.1);
            whole.AfterBackward();
            cut.AfterBackward();
            foreach ((string name, Tensor value) in whole.state_dict()) Fixture.Near(value, cut.state_dict()[name], 1e-10, name);
        }
    }

    [Fact]
    public void A_run_in_parts_has_the_losses_of_the_whole_and_resumes_bit_for_bit()
    {
        MoCoOptions options = TrainerFixture.Options with
        {
            Epochs = 2,
            MicroBatches = 2,
            KeyEncoder = new() { Momentum = 0.9, FinalMomentum = 1 },
            Optimizer = new()
            {
                Kind = OptimizerKind.AdamW,
                LearningRate = 1e-3,
                WeightDecay = 0.01,
                FinalWeightDecay = 0.1,
                ClipNorm = 0.5,
            },
        };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer whole = ResumeTests.Start(options with { MicroBatches = 1 }), parts = ResumeTests.Start(options);
        double[] losses = ResumeTests.Run(parts, loader);
        Assert.All(ResumeTests.Run(whole, loader).Zip(losses), pair => Assert.Equal(pair.First, pair.Second, 0.01));

        using TemporaryFolder folder = new();
        using MoCoTrainer begun = ResumeTests.Start(options);
        ResumeTests.Run(begun, loader, 7);
        begun.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(losses[7..], ResumeTests.Run(resumed, loader));
        Snapshot.Same(Snapshot.Of(parts), Snapshot.Of(resumed));
    }

    [Theory]
    [InlineData(OptimizerKind.Lars)]
    [InlineData(OptimizerKind.Sgd)]
    public void A_run_with_another_optimizer_resumes_bit_for_bit(OptimizerKind kind)
    {
        MoCoOptions options = TrainerFixture.Options with { Epochs = 2, Optimizer = new() { Kind = kind, ClipNorm = 0.1 } };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer whole = ResumeTests.Start(options), begun = ResumeTests.Start(options);
        double[] losses = ResumeTests.Run(whole, loader);
        ResumeTests.Run(begun, loader, 6);
        using TemporaryFolder folder = new();
        begun.Save(folder.File("run.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(losses[6..], ResumeTests.Run(resumed, loader));
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(resumed));
    }

    [Fact]
    public void A_step_that_is_logged_tells_the_norm_of_its_gradients()
    {
        using TwoCropLoader loader = TrainerFixture.Loader();
        using MoCoTrainer trainer = ResumeTests.Start(TrainerFixture.Options);
        List<double?> norms = [];
        foreach (TwoCropBatch batch in loader.Epoch(0))
            using (batch) norms.Add(trainer.Step(batch).Measured.GradientNorm);
        // every second one is logged, and the epoch's last
        Assert.Equal([false, true, false, true, true], norms.Select(norm => norm is not null));
        Assert.All(norms.OfType<double>(), norm => Assert.InRange(norm, 1e-3, 1e3));
        Assert.Equal(norms.Average()!.Value, trainer.EndEpoch().Mean.GradientNorm!.Value, 1e-5);
    }

    [Fact]
    public void What_can_not_be_cut_is_refused()
    {
        MoCoOptions options = TrainerFixture.Options with { MicroBatches = 3, Loss = new() { Mixing = new() { Hardest = 8 } } };
        string message = Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Contains("Encoder.BatchNormSplits is 2; expected a multiple of 3: each of MicroBatches", message, StringComparison.Ordinal);
        Assert.Contains("expected null with MicroBatches above 1", message, StringComparison.Ordinal);
        options = TrainerFixture.Options with { MicroBatches = 2, Method = MethodKind.SimClr, KeyEncoder = new() { FinalMomentum = 1 } };
        message = Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Contains("MicroBatches is 2; expected 1 with Method SimClr", message, StringComparison.Ordinal);
        Assert.Contains("KeyEncoder.FinalMomentum is 1; expected null with Method SimClr", message, StringComparison.Ordinal);
    }

    private static MomentumContrast Make(int splits, SymmetricLoss symmetric)
    {
        Encoder query = TinyBackbone.Encoder(splits, ScalarType.Float64), key = TinyBackbone.Encoder(splits, ScalarType.Float64);
        KeyQueue queue = new(Dimension, Length, dtype: ScalarType.Float64, trackSlots: true);
        return new MomentumContrast(query, key, queue, 0.9, new() { Temperature = 0.2, Symmetric = symmetric }, new BatchShuffle(3),
            KeyExclusion.OwnImage);
    }
}
