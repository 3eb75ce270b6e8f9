using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Optimization;
using MoCo.Tensors;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;
using LinearLayer = TorchSharp.Modules.Linear;

namespace MoCo.Evaluation.FewShot;

/// <summary>Trains an encoder and a linear head on top of it, each at its own learning rate.</summary>
internal sealed class FineTuning : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> encoder;
    private readonly FewShotOptions options;
    private readonly int classes;
    private readonly FlatParameters encoderWeights;
    private readonly FlatSgd encoderOptimizer;
    private readonly CollectionPause collections = new(); // the network is the caller's: its layers may hold no scalars
    private LinearLayer? head;
    private FlatParameters? headWeights;
    private FlatSgd? headOptimizer;

    internal FineTuning(nn.Module<Tensor, Tensor> encoder, int classes, FewShotOptions options)
    {
        (this.encoder, this.classes, this.options) = (encoder, classes, options);
        encoderWeights = new FlatParameters(encoder, withGradients: true);
        encoderOptimizer = new FlatSgd(encoderWeights, new OptimizationOptions { Momentum = options.Momentum, WeightDecay = options.WeightDecay });
    }

    /// <summary>One step on a batch.</summary>
    /// <returns>The mean loss.</returns>
    internal double Step(LabelledViews batch, double factor)
    {
        collections.Renew();
        using var scope = NewDisposeScope();
        var features = encoder.Features(batch.Views).to(ScalarType.Float32); // N×D
        var labels = tensor(batch.Labels.ToArray(), dtype: ScalarType.Int64).to(features.device);
        var loss = nn.functional.cross_entropy(Head(features).call(features), labels);
        loss.backward();
        encoderOptimizer.Step(options.EncoderLearningRate * factor);
        headOptimizer!.Step(options.HeadLearningRate * factor);
        return loss.cpu().item<float>();
    }

    /// <summary>The head as it is now.</summary>
    internal LinearClassifier Classifier() => new(head!.weight!.ToFloats(), head.bias!.ToFloats(), (int)head.in_features);

    /// <summary>Frees everything but the encoder.</summary>
    public void Dispose()
    {
        collections.Dispose();
        encoderOptimizer.Dispose();
        encoderWeights.Dispose();
        headOptimizer?.Dispose();
        headWeights?.Dispose();
        head?.Dispose();
    }

    private LinearLayer Head(Tensor features)
    {
        if (head is not null)
            return head;
        int dimension = (int)features.shape[1];
        head = nn.Linear(dimension, classes);
        using (no_grad())
        {
            head.bias!.zero_();
            var values = head.weight!.AsFloats();
            for (int label = 0; label < classes; label++)
            {
                var random = new SampleRandom(options.Seed, 0, label, 0);
                for (int i = 0; i < dimension; i++)
                    values[(label * dimension) + i] = (float)(random.NextNormal() * options.WeightDeviation);
            }
        }

        head.to(features.device);
        headWeights = new FlatParameters(head, withGradients: true);
        headOptimizer = new FlatSgd(headWeights, new OptimizationOptions { Momentum = options.Momentum, WeightDecay = options.WeightDecay });
        return head;
    }
}
