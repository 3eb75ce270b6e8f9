using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FineTuning;
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
        using MoCoTrainer undisturbed = Train(_ => { });
        using MoCoTrainer evaluated = Train(Evaluate);

        Snapshot.Same(Snapshot.Of(undisturbed), Snapshot.Of(evaluated));
    }

    private static MoCoTrainer Train(Action<MoCoTrainer> between)
    {
        torch.manual_seed(3);
        MoCoTrainer trainer = new(TrainerFixture.Options);
        using TwoCropLoader loader = TrainerFixture.Loader();
        for (int epoch = 0; epoch < 2; epoch++)
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
        MomentumContrast method = (MomentumContrast)trainer.Method;
        torch.nn.Module<torch.Tensor, torch.Tensor> backbone = method.QueryEncoder.Backbone;
        TrainerFixture.NoiseImages source = new(24);
        using FeatureSet features = FeatureSet.Extract(backbone, source, AugmentationRecipe.Evaluation(16), 8);
        KnnClassifier.EvaluateGrid(features, features, [1, 5]);
        LinearProbe.Train(features, features, new() { Epochs = 2, BatchSize = 8 });
        EmbeddingReport.Measure(features.Features, features.Features);
        using (SimilarityIndex index = new(features.Features, Enumerable.Range(0, 24).Select(i => $"{i}")))
        {
            index.Search(features.Features, 3);
            index.FindNearDuplicates(0.9);
        }
        using torch.Tensor keys = method.Queue.Keys();
        QueueDiagnostics.Ages(method.Queue, 12, trainer.StepCount);
        QueueDiagnostics.SameClass(
            keys, [.. Enumerable.Range(0, 64).Select(i => i % 3)], keys, [.. Enumerable.Range(0, 64).Select(i => i % 3)]);
        using torch.Tensor views = torch.ones(6, 1, 16, 16);
        LabelledBatches batches = new()
        {
            Classes = 3,
            Training = _ => [(views, new[] { 0, 1, 2, 0, 1, 2 })],
            Test = () => [(views, new[] { 0, 1, 2, 0, 1, 2 })],
        };
        LinearProbe.Train(backbone, batches, new() { Epochs = 2, LearningRates = [0.01] });
        LinearProbe.Train(method.KeyEncoder.Backbone, batches, new() { Epochs = 2, LearningRates = [0.01] });
        using Encoder classifier = FineTune.Classifier(method.QueryEncoder, 3);
        FineTune.Train(classifier, batches, FineTuneOptions.TenPercent with { Epochs = 2 });
    }
}
