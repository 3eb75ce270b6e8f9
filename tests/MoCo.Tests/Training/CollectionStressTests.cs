using System.Security.Cryptography;
using MoCo.Augmentation;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FineTuning;
using MoCo.Evaluation.Linear;
using MoCo.Evaluation.Neighbours;
using MoCo.Loading;
using MoCo.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A garbage collection at any moment changes no bit: whatever libtorch reads is held meanwhile.</summary>
public sealed class CollectionStressTests
{
    /// <summary>As many steps, up to 2,000, as somebody wants to wait for can be asked for by this variable.</summary>
    private const string StepsVariable = "MOCO_TEST_STRESS_STEPS";

    private static readonly MoCoOptions Small =
        TrainerFixture.Options with
        {
            Encoder = TrainerFixture.Options.Encoder with { Width = 0.0625, EmbeddingDimension = 8 },
            BatchSize = 6,
            Queue = TrainerFixture.Options.Queue with { Length = 32 },
            Epochs = 100
        };

    [Theory]
    [InlineData(SymmetricLoss.Off, 1, HeadKind.Mlp, 120)]
    [InlineData(SymmetricLoss.Mean, 2, HeadKind.Linear, 60)]
    public void Many_steps_with_a_checkpoint_every_twenty(SymmetricLoss symmetric, int splits, HeadKind head, int steps)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(StepsVariable), out int asked)) steps = asked;
        MoCoOptions options = Small with
        {
            Loss = Small.Loss with { Symmetric = symmetric },
            Encoder = Small.Encoder with { BatchNormSplits = splits, Head = head },
            Queue = Small.Queue with { TrackSlots = true }
        };
        Assert.Equal(Train(options, steps), Beside(() => Train(options, steps)));
    }

    [Fact]
    public void A_run_of_Fit_with_loading_threads_and_checkpoints_beside_training() => Assert.Equal(Fit(), Beside(Fit));

    [Fact]
    public void Features_neighbours_a_linear_probe_diagnostics_and_fine_tuning() => Assert.Equal(Evaluate(), Beside(Evaluate));

    [Fact]
    public void A_loop_with_a_scalar_that_is_held()
    {
        using Scalar half = 0.5.ToScalar();
        using Tensor x = zeros(4);
        Assert.Equal(0, Beside(() =>
        {
            for (int i = 0; i < 50_000; i++) x.mul_(half).add_(x, half);
            return x.abs().max().item<float>();
        }));
    }

    private static T Beside<T>(Func<T> work)
    {
        using CollectingThreads threads = new();
        return work();
    }

    /// <summary>Every loss, and digests of weights, queue, optimizer and random state at the end.</summary>
    private static string[] Train(MoCoOptions options, int steps)
    {
        using TemporaryFolder folder = new();
        manual_seed(5); // TorchSharp's linear layers draw their first weights from the default generator
        using MoCoTrainer trainer = new(options) { PauseCollections = false };
        using Generator generator = new(3, CPU);
        using Tensor query = rand([6, 1, 8, 8], generator: generator), key = rand([6, 1, 8, 8], generator: generator);
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int step = 0; step < steps; step++)
        {
            using TwoCropBatch batch = new(
                query.alias(), key.alias(), Enumerable.Range(0, 6).ToArray(), step / 20, step % 20)
            { BatchesPerEpoch = 20 };
            digest.AppendData(BitConverter.GetBytes(trainer.Step(batch).Loss));
            if (step % 20 != 19) continue;
            trainer.EndEpoch();
            trainer.Save(folder.File("run.ckpt"));
            trainer.Load(folder.File("run.ckpt"));
        }
        return [Convert.ToHexString(digest.GetHashAndReset()), .. Snapshot.Of(trainer).Select(entry => $"{entry.Key} {entry.Value}")];
    }

    private static string[] Fit()
    {
        using TemporaryFolder folder = new();
        manual_seed(5);
        MoCoOptions options = Small with { Epochs = 6 };
        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { EverySteps = 2 });
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = new(options) { PauseCollections = false, Checkpoints = checkpoints };
        trainer.Fit(loader);
        return [.. Snapshot.Of(trainer).Select(entry => $"{entry.Key} {entry.Value}")];
    }

    private static string[] Evaluate()
    {
        manual_seed(5);
        List<string> results = new();
        using ResNet encoder = new(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.0625,
                BatchNormSplits = 1
            });
        for (int round = 0; round < 12; round++)
        {
            using FeatureSet features = FeatureSet.Extract(
                encoder, new TrainerFixture.NoiseImages(60), AugmentationRecipe.Grey(8).ForEvaluation(), batchSize: 12, workers: 1);
            results.Add(Digest(features.Features));
            results.Add($"kNN {KnnClassifier.Evaluate(features, features, 5).Top1}");
            ProbeResult probe = LinearProbe.Train(features, features, new LinearProbeOptions { Epochs = 4 });
            results.Add($"probe {probe.Test.Top1} {probe.Weight.ToArray().Sum():R}");
            EmbeddingReport report = EmbeddingReport.Measure(features.Features);
            results.Add($"diagnostics {report.Uniformity:R} {report.EffectiveRank:R}");
            using ResNet copy = new(encoder.Options);
            using TorchSharp.Modules.Linear head = nn.Linear(copy.FeatureDimension, 2);
            using Encoder network = new(copy, head);
            FineTuneResult few = FineTune.Train(
                network, new LabelledNoise(16, classes: 2, batch: 8).Batches(), FineTuneOptions.TenPercent with { Epochs = 2 });
            results.Add($"few-shot {few.Epochs[^1].Loss:R} {few.Last!.Value.Test.Top1}");
        }
        return [.. results];
    }

    private static string Digest(Tensor tensor) => Convert.ToHexString(SHA256.HashData(tensor.AllBytes()));
}
