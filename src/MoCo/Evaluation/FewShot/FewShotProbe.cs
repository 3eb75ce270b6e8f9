using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.FewShot;

/// <summary>Semi-supervised evaluation: a copy of an encoder and a fresh linear head are fine-tuned on a small share of the
/// labels, each at a learning rate of its own. <see cref="StratifiedSample.Choose(IReadOnlyList{int}, double, long)"/> chooses
/// the share. The encoder itself stays untouched.</summary>
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
    public static FewShotResult FineTune(
        ResNet encoder, LabelledBatches images, FewShotOptions? options = null, IProgress<ProbeProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using var copy = new ResNet(encoder.Options, encoder.Precision, encoder.Classes);
        copy.to(encoder.parameters().First().device);
        return FineTune(encoder, copy, images, options, progress, cancellationToken);
    }

    /// <summary>Fine-tunes a module into which an encoder's weights are copied first.</summary>
    /// <param name="encoder">From N×C×H×W to N×D.</param>
    /// <param name="copy">Another module of the same architecture and device. It ends up fine-tuned, in evaluation mode, and
    /// stays the caller's.</param>
    /// <param name="images">The few labelled training images, shuffled and augmented, and the test images.</param>
    /// <param name="options">Null: the recipe for 10 % of the labels.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <exception cref="ArgumentException">An argument out of range, another architecture, or batches that do not fit.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static FewShotResult FineTune(
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
        using var random = new RandomStateKept();
        using var gradients = enable_grad();
        CopyWeights(encoder, copy);
        foreach (var parameter in copy.parameters())
            parameter.requires_grad_(true);
        using var training = new FineTuning(copy, images.Classes, options);
        copy.train();
        double loss = double.NaN;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            var (sum, seen) = (0.0, 0);
            foreach (var batch in images.Checked(images.Training(epoch), nameof(images.Training)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                sum += training.Step(batch, options.Factor(epoch, 0)) * batch.Labels.Length;
                seen += batch.Labels.Length;
            }

            loss = sum / seen;
            if (!double.IsFinite(loss))
                throw new InvalidOperationException($"Fine-tuning diverged in epoch {epoch}; expected lower learning rates than {options.EncoderLearningRate} (encoder) and {options.HeadLearningRate} (head).");
            progress?.Report(new ProbeProgress(false, epoch + 1, options.Epochs, loss));
        }

        copy.eval();
        var head = training.Classifier();
        using var frozen = new FrozenEncoder(copy);
        var (accuracy, confusion) = EndToEndProbe.Test(frozen, images, options.ClassNames, head, cancellationToken);
        return new FewShotResult(accuracy, loss, confusion, head);
    }

    /// <summary>Copies parameters and buffers, all or none.</summary>
    private static void CopyWeights(nn.Module encoder, nn.Module copy)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var (from, to) = (encoder.state_dict(), copy.state_dict());
        if (ReferenceEquals(encoder, copy) || !from.Keys.SequenceEqual(to.Keys))
            throw new ArgumentException("The copy is the encoder itself or of another architecture; expected a module of its own with the same parameters and buffers.", nameof(copy));
        foreach (var (name, value) in from)
        {
            if (!value.shape.AsSpan().SequenceEqual(to[name].shape))
                throw new ArgumentException($"The copy's {name} is {string.Join('×', to[name].shape)}; expected {string.Join('×', value.shape)} as the encoder's.", nameof(copy));
        }

        foreach (var (name, value) in from)
            to[name].copy_(value);
    }
}
