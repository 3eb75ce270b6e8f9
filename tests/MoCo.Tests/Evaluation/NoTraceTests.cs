using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FewShot;
using MoCo.Evaluation.Linear;
using MoCo.Evaluation.Neighbours;
using MoCo.Evaluation.Search;
using MoCo.Loading;
using TorchSharp;

namespace MoCo.Tests.Evaluation;

public sealed class NoTraceTests
{
    [Fact]
    public void A_run_that_is_evaluated_in_every_way_between_steps_goes_on_bit_for_bit()
    {
        using var undisturbed = Train(_ => { });
        using var evaluated = Train(Evaluate);

        Snapshot.Same(Snapshot.Of(undisturbed), Snapshot.Of(evaluated));
    }

    private static MoCoTrainer Train(Action<MoCoTrainer> between)
    {
        torch.manual_seed(3);
        MoCoTrainer trainer = new(TrainerFixture.Options);
        using var loader = TrainerFixture.Loader();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            foreach (TwoCropBatch batch in loader.Epoch(epoch))
            {
                using (batch)
                    trainer.Step(batch);
            }
            between(trainer);
        }
        return trainer;
    }

    private static void Evaluate(MoCoTrainer trainer)
    {
        var method = (MomentumContrast)trainer.Method;
        var backbone = method.QueryEncoder.Backbone;
        TrainerFixture.NoiseImages source = new(24);
        using var features = FeatureExtractor.Extract(backbone, source, AugmentationRecipe.Evaluation(16), 8);
        KnnClassifier.EvaluateGrid(features, features, [1, 5]);
        LinearProbe.Train(features, features, new() { Epochs = 2, BatchSize = 8 });
        EmbeddingDiagnostics.Measure(features.Features, features.Features);
        using (SimilarityIndex index = new(features.Features, Enumerable.Range(0, 24).Select(i => $"{i}")))
        {
            index.Search(features.Features, 3);
            index.FindNearDuplicates(0.9);
        }
        using var keys = method.Queue.Keys();
        QueueDiagnostics.Ages(method.Queue, 12, trainer.StepCount);
        QueueDiagnostics.SameClass(
            keys, [.. Enumerable.Range(0, 64).Select(i => i % 3)], keys, [.. Enumerable.Range(0, 64).Select(i => i % 3)]);
        using var views = torch.ones(6, 1, 16, 16);
        LabelledBatches batches = new()
        {
            Classes = 3,
            Training = _ => [(views, new[] { 0, 1, 2, 0, 1, 2 })],
            Test = () => [(views, new[] { 0, 1, 2, 0, 1, 2 })],
        };
        LinearProbe.Train(backbone, batches, new() { Epochs = 2, LearningRates = [0.01] });
        LinearProbe.Train(method.KeyEncoder.Backbone, batches, new() { Epochs = 2, LearningRates = [0.01] });
        FewShotProbe.FineTune((ResNet)backbone, batches, new() { Epochs = 2 });
    }
}
