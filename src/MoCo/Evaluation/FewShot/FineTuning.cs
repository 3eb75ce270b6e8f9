using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Optimization;
using MoCo.Tensors;
using MoCo.Training;
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
        (encoderWeights, encoderOptimizer) = Optimizer(encoder);
    }

    /// <returns>The mean loss.</returns>
    internal double Step(Tensor views, ReadOnlyMemory<int> labels, double factor)
    {
        collections.Renew();
        using DisposeScope scope = NewDisposeScope();
        Tensor features = encoder.Features(views).to(ScalarType.Float32); // N×D
        Tensor targets = tensor(labels.ToArray(), dtype: ScalarType.Int64).to(features.device);
        Tensor loss = nn.functional.cross_entropy(Head(features).call(features), targets);
        loss.backward();
        encoderOptimizer.Step(options.EncoderLearningRate * factor);
        headOptimizer!.Step(options.HeadLearningRate * factor);
        return loss.cpu().item<float>();
    }

    internal LinearClassifier Classifier() => new(head!.weight!.ToFloats(), head.bias!.ToFloats());

    // Everything but the encoder, which is the caller's.
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
        if (head is not null) return head;
        int dimension = (int)features.shape[1];
        head = nn.Linear(dimension, classes);
        using (no_grad())
        {
            head.bias!.zero_();
            options.InitialWeights(classes, dimension).CopyTo(head.weight!.AsFloats());
        }
        head.to(features.device);
        (headWeights, headOptimizer) = Optimizer(head);
        return head;
    }

    private (FlatParameters Weights, FlatSgd Optimizer) Optimizer(nn.Module module)
    {
        FlatParameters weights = new(module, withGradients: true);
        return (weights, new FlatSgd(weights, new OptimizationOptions { Momentum = options.Momentum, WeightDecay = options.WeightDecay }));
    }
}
