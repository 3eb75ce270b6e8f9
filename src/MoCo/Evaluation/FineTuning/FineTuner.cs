using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Optimization;
using MoCo.Training;
using Parameter = TorchSharp.Modules.Parameter;

namespace MoCo.Evaluation.FineTuning;

/// <summary>Trains an encoder and the head on top of it, each at its own learning rate.</summary>
internal sealed class FineTuner : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> encoder, head;
    private readonly FineTuneOptions options;
    private readonly int classes;
    private readonly FlatParameters encoderWeights, headWeights;
    private readonly FlatOptimizer encoderOptimizer, headOptimizer;
    private readonly CollectionPause collections = new(); // the network is the caller's: its layers may hold no scalars
    private readonly EpochLosses losses = new(1);

    /// <summary>Puts the encoder into training mode, but for its frozen parts; the head makes N×<paramref name="classes"/> scores of its
    /// features.</summary>
    /// <exception cref="ArgumentException">The encoder has no part of the name that is to be frozen.</exception>
    internal FineTuner(nn.Module<Tensor, Tensor> encoder, nn.Module<Tensor, Tensor> head, int classes, FineTuneOptions options)
    {
        (this.encoder, this.head, this.classes, this.options) = (encoder, head, classes, options);
        CheckFrozen();
        foreach ((string name, Parameter parameter) in encoder.named_parameters()) parameter.requires_grad_(!IsFrozen(name));
        encoder.train();
        foreach ((string name, nn.Module module) in encoder.named_modules())
            if (IsFrozen(name)) module.eval();
        (encoderWeights, encoderOptimizer) = Optimizer(encoder);
        head.train();
        foreach (Parameter parameter in head.parameters()) parameter.requires_grad_(true);
        (headWeights, headOptimizer) = Optimizer(head);
    }

    /// <summary>Trains on the batches of an epoch, and tells after each the batches done and the mean loss so far.</summary>
    /// <returns>The epoch's mean loss.</returns>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    internal double Epoch(LabelledBatches images, int epoch, Action<int, double> told, CancellationToken cancellationToken)
    {
        losses.Clear();
        int batch = 0;
        foreach ((Tensor views, ReadOnlyMemory<int> labels) in images.TrainingBatches(epoch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            double progress = images.BatchesPerEpoch is int all ? Math.Min(batch, all - 1) / (double)all : 0;
            double loss = Step(views, labels, options.Factor(epoch, progress));
            if (!double.IsFinite(loss)) throw Diverged(epoch);
            losses.Add([loss], labels.Length);
            told(++batch, losses.Means()[0]);
        }
        return double.IsFinite(losses.Lowest) ? losses.Lowest : throw Diverged(epoch);
    }

    private InvalidOperationException Diverged(int epoch) => new($"Fine-tuning diverged in epoch {epoch}; expected lower learning rates "
        + Invariant($"than {options.EncoderLearningRate} (encoder) and {options.HeadLearningRate} (head)."));

    public void Dispose()
    {
        collections.Dispose();
        encoderOptimizer.Dispose();
        encoderWeights.Dispose();
        headOptimizer.Dispose();
        headWeights.Dispose();
    }

    /// <returns>The mean loss.</returns>
    private double Step(Tensor views, ReadOnlyMemory<int> labels, double factor)
    {
        collections.Renew();
        using DisposeScope scope = NewDisposeScope();
        Tensor features = encoder.Features(views); // N×D
        Tensor scores = head.call(features.to(headWeights.Values.dtype)); // N×C
        if (scores.dim() != 2 || scores.shape[1] != classes)
            throw new ArgumentException(
                $"Expected a head that gives {labels.Length}×{classes} scores, found {string.Join('×', scores.shape)}.", nameof(views));
        Tensor targets = tensor(labels.ToArray(), dtype: ScalarType.Int64).to(scores.device);
        Tensor loss = nn.functional.cross_entropy(scores, targets, label_smoothing: options.LabelSmoothing);
        loss.backward();
        encoderOptimizer.Step(options.EncoderLearningRate * factor);
        headOptimizer.Step(options.HeadLearningRate * factor);
        return loss.to(ScalarType.Float64).cpu().item<double>();
    }

    private (FlatParameters Weights, FlatOptimizer Optimizer) Optimizer(nn.Module module)
    {
        FlatParameters weights = new(module, withGradients: true);
        return (weights, FlatOptimizer.Of(weights, options.Optimization));
    }

    private bool IsFrozen(string name) => options.Frozen.Any(part => IsOf(part, name));

    private static bool IsOf(string part, string name) => name == part || name.StartsWith(part + ".", StringComparison.Ordinal);

    private void CheckFrozen()
    {
        string[] names = [.. encoder.named_parameters().Select(parameter => parameter.name)];
        if (options.Frozen.FirstOrDefault(part => !names.Any(name => IsOf(part, name))) is not { } unknown) return;
        string parts = string.Join(", ", names.Select(name => name.Split('.')[0]).Distinct());
        throw new ArgumentException(
            $"{options.GetType().Name}: Frozen has '{unknown}', which the backbone has no part of; expected some of {parts}, or a part of "
            + "one.", nameof(options));
    }
}
