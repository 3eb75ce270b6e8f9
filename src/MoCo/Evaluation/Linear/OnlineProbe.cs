using MoCo.Contrast;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Encoders.Layers;
using MoCo.Evaluation.Features;
using MoCo.Optimization;
using MoCo.Tensors;

namespace MoCo.Evaluation.Linear;

/// <summary>A linear classifier that learns along with a run: at each step, from the labels of the batch and the backbone's features of
/// its query views, which the step computes anyway. It gets them without their gradient and draws no random numbers, so that the run does
/// not notice it. A run has one by <c>MoCoOptions.Probe</c>, its checkpoints keep it.</summary>
/// <remarks>BatchNorm without scale and shift, a linear layer that starts at 0, softmax cross-entropy, SGD; it learns once the step is
/// made. Images without a label are left out. Of a batch in parts it learns once, as of the whole. Of several processes each learns from
/// the images of all.</remarks>
internal sealed class OnlineProbe : IDisposable
{
    private readonly OnlineProbeOptions options;
    private readonly int dimension;
    private readonly Device device;
    private readonly FeatureBatchNorm norm;
    private readonly DenseLayer linear;
    private readonly FlatParameters parameters;
    private readonly FlatOptimizer optimizer;
    private readonly List<(Tensor Views, ReadOnlyMemory<int> Labels)> expected = [];
    private readonly List<(Tensor Features, ReadOnlyMemory<int> Labels)> taken = [];
    private Encoder? watched;

    internal OnlineProbe(OnlineProbeOptions options, int dimension, Device device)
    {
        (this.options, this.dimension, this.device) = (options, dimension, device);
        norm = new FeatureBatchNorm(dimension, affine: false).to(device);
        linear = new DenseLayer(dimension, options.Classes, Precision.Float32, values => values.zero_()).to(device);
        parameters = new FlatParameters(linear, withGradients: true);
        optimizer = new FlatSgd(parameters, new OptimizationOptions
        {
            Momentum = options.Momentum,
            WeightDecay = options.WeightDecay,
            DecayAll = false,
        });
    }

    /// <summary>What a checkpoint holds of it.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State =>
    [
        .. norm.state_dict().Concat(linear.state_dict()).Select(entry => (entry.Key, entry.Value)),
        .. optimizer.State,
    ];

    /// <summary>How often the classifier, as it is now, finds the labels of features that it did not learn from.</summary>
    /// <param name="features">Those of the query encoder's backbone (<c>FeatureSet.Extract</c>), labelled; rows without a label are
    /// left out.</param>
    /// <exception cref="ArgumentException">They have no labels, other ones than the probe's classes, or another dimension.</exception>
    public Accuracy Test(FeatureSet features)
    {
        ArgumentNullException.ThrowIfNull(features);
        int[] rows = features.LabelledRows();
        if (rows.Length == 0) throw new ArgumentException("The features have no labels; expected some.", nameof(features));
        RefuseOtherLabels(features.Labels!, nameof(features));
        if (features.Dimension != dimension)
            throw new ArgumentException(
                $"The features have {features.Dimension} dimensions; expected {dimension} as those that the probe learned from.",
                nameof(features));
        using EvaluationMode mode = new(norm);
        return new LinearClassifier(linear.Weight.ToFloats(), linear.Bias.ToFloats()).Evaluate(Normalized(), []).Accuracy;

        IEnumerable<FeatureBatch> Normalized()
        {
            foreach (FeatureBatch batch in FeatureBatch.Of(features, rows, batchSize: 8192))
            {
                using Tensor there = batch.Features.to(device), normalized = norm.call(there), here = normalized.cpu();
                yield return batch with { Features = here };
            }
        }
    }

    /// <summary>Frees the classifier.</summary>
    public void Dispose()
    {
        Forget();
        optimizer.Dispose();
        parameters.Dispose();
        linear.Dispose();
        norm.Dispose();
    }

    /// <summary>Begins a step: the features of its query views are to come.</summary>
    /// <exception cref="ArgumentException">A label is of none of the classes.</exception>
    internal void Begin(Encoder encoder, StepInput input)
    {
        RefuseOtherLabels(input.Labels.ToArray(), nameof(input));
        watched = encoder;
        watched.FeaturesMade += Take;
        Expect(input.Query, input.Labels);
    }

    /// <summary>Tells the labels of the first of some images that the encoder will be called with.</summary>
    internal void Expect(Tensor views, ReadOnlyMemory<int> labels) => expected.Add((views, labels));

    /// <summary>Ends a step that was made: learns from what it has shown.</summary>
    /// <param name="share">The share of the full learning rate.</param>
    /// <param name="group">The processes that share the batch.</param>
    /// <returns>How many of the labelled images were told before, 0–1, on the device; not a number where there are none.</returns>
    internal Tensor Learn(double share, ProcessGroup group)
    {
        using DisposeScope scope = NewDisposeScope();
        if (taken.Count == 0) return tensor(float.NaN, device: device).MoveToOuterDisposeScope();
        Tensor features = cat([.. taken.Select(part => part.Features)], 0); // N×F
        Tensor labels = tensor([.. taken.SelectMany(part => part.Labels.ToArray()).Select(label => Math.Max(FeatureSet.Unlabelled, label))],
            dtype: ScalarType.Int64).SendTo(device);
        if (group.Size > 1) (features, labels) = (group.AllGather(features), group.AllGather(labels));
        Tensor logits = linear.call(norm.call(features)); // N×C
        Tensor count = labels.add(One, One).sign().sum(), correct = logits.detach().argmax(1).eq(labels).sum();
        nn.functional.cross_entropy(logits, labels, ignore_index: FeatureSet.Unlabelled, reduction: nn.Reduction.Sum)
            .div(maximum(count, ones_like(count))).backward();
        optimizer.Step(options.LearningRate * share);
        Forget();
        return correct.to(ScalarType.Float32).div(count).MoveToOuterDisposeScope();
    }

    /// <summary>Drops what a step has shown: it has not been.</summary>
    internal void Forget()
    {
        if (watched is not null) watched.FeaturesMade -= Take;
        watched = null;
        expected.Clear();
        foreach ((Tensor features, ReadOnlyMemory<int> _) in taken) features.Dispose();
        taken.Clear();
    }

    /// <summary>Takes the features of images that were told of, the first time that they are made.</summary>
    private void Take(Tensor views, Tensor made)
    {
        int place = expected.FindIndex(announced => ReferenceEquals(announced.Views, views));
        if (place < 0) return;
        ReadOnlyMemory<int> labels = expected[place].Labels;
        expected.RemoveAt(place);
        if (made.dim() != 2 || made.shape[1] != dimension)
            throw new InvalidOperationException($"The query encoder's backbone made {string.Join('×', made.shape)} features of "
                + $"{views.shape[0]} images; expected {views.shape[0]}×{dimension}, as the online probe was told.");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        // A copy: a head may work in place.
        taken.Add((made.detach().narrow(0, 0, labels.Length).to(ScalarType.Float32, copy: true).DetachFromDisposeScope(), labels));
    }

    private void RefuseOtherLabels(IReadOnlyList<int> labels, string name)
    {
        int highest = labels.DefaultIfEmpty(0).Max();
        if (highest >= options.Classes)
            throw new ArgumentException(
                $"A label is {highest}; expected 0 to {options.Classes - 1}, the classes of the online probe, or "
                + $"{FeatureSet.Unlabelled} where there is none.", name);
    }
}
