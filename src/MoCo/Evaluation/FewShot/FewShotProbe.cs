using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FineTuning;
using MoCo.Evaluation.Linear;

namespace MoCo.Evaluation.FewShot;

/// <summary>Semi-supervised evaluation: a copy of an encoder and a fresh linear head are fine-tuned on a small share of the labels, each at
/// a learning rate of its own. <see cref="Choose"/> chooses the share. The encoder itself stays untouched.</summary>
public static class FewShotProbe
{
    /// <summary>Fine-tunes a copy of a network.</summary>
    /// <param name="encoder">Without a classifier of its own, on any device.</param>
    /// <param name="images">The few labelled training images, shuffled and augmented, and the test images.</param>
    /// <param name="options">Null: the recipe for 10 % of the labels.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <exception cref="ArgumentException">An argument out of range, or batches that do not fit.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static ProbeResult FineTune(
        ResNet encoder,
        LabelledBatches images,
        FewShotOptions? options = null,
        IProgress<ProbeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using ResNet copy = new(encoder.Options, encoder.Precision, encoder.Classes);
        copy.to(encoder.parameters().First().device);
        return FineTune(encoder, copy, images, options, progress, cancellationToken);
    }

    /// <summary>Fine-tunes a module into which an encoder's weights are copied first.</summary>
    /// <param name="encoder">From N×C×H×W to N×D.</param>
    /// <param name="copy">Another module of the same architecture and device. It ends up fine-tuned, in evaluation mode, and stays the
    /// caller's.</param>
    /// <param name="images">The few labelled training images, shuffled and augmented, and the test images.</param>
    /// <param name="options">Null: the recipe for 10 % of the labels.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <exception cref="ArgumentException">An argument out of range, another architecture, or batches that do not fit.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static ProbeResult FineTune(
        nn.Module<Tensor, Tensor> encoder,
        nn.Module<Tensor, Tensor> copy,
        LabelledBatches images,
        FewShotOptions? options = null,
        IProgress<ProbeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(copy);
        ArgumentNullException.ThrowIfNull(images);
        options ??= FewShotOptions.TenPercent;
        options.Validate();
        images.Validate();
        using RandomStateKept random = new();
        using IDisposable gradients = enable_grad();
        WeightCopy.Make(encoder, copy);
        using FineTuner training = new(copy, null, images.Classes, options);
        double loss = double.NaN;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            loss = training.Epoch(images, epoch, null, cancellationToken);
            progress?.Report(new ProbeProgress(false, epoch + 1, options.Epochs, loss));
        }
        copy.eval();
        LinearClassifier head = training.Classifier;
        using FrozenEncoder frozen = new(copy);
        (Accuracy accuracy, ConfusionMatrix confusion)
            = head.Evaluate(FeatureBatch.Through(frozen, images.TestBatches(), cancellationToken), options.ClassNames);
        return new ProbeResult(accuracy, loss, options.HeadLearningRate, [], confusion, head.Weight, head.Bias);
    }

    /// <summary>Chooses the same share of every class, the 1 % or 10 % of labels to learn from for example.</summary>
    /// <param name="labels">The class of each image; negative ones are never chosen.</param>
    /// <param name="share">Above 0 to 1.</param>
    /// <param name="seed">Which images: another seed, others.</param>
    /// <returns>The numbers of the chosen images, ascending: of n images of a class share·n, rounded, at least 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A share outside its range.</exception>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> labels, double share, long seed = 0) =>
        StratifiedSample.Choose(labels, share, seed);
}
