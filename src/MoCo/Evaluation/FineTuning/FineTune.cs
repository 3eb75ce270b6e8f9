using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;

namespace MoCo.Evaluation.FineTuning;

/// <summary>End-to-end fine-tuning: backbone and classifier are trained on labels together, which is what a pretrained encoder is worth as
/// a start (He et al. 2020, §4.2 and Table 6; Chen, Xie and He 2021, §5).</summary>
public static class FineTune
{
    /// <summary>A classifier on a copy of an encoder's backbone: its embeddings are the scores of the classes, by a fresh linear head. It
    /// is an encoder like any other, so that <c>SaveEncoder</c> writes it and <c>EncoderFiles.Open</c> reads it.</summary>
    /// <param name="encoder">The encoder, which stays as it is; its head does not count.</param>
    /// <param name="classes">C, 1 or more.</param>
    /// <param name="options">Seed and deviation of the head's weights; null: the defaults.</param>
    /// <returns>The classifier, on the encoder's device. Its BatchNorm is over the whole batch, whatever groups the encoder's
    /// had.</returns>
    /// <exception cref="ArgumentException">The encoder was put together by the caller, who then makes the copy too.</exception>
    public static Encoder Classifier(Encoder encoder, int classes, FineTuneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        options ??= FineTuneOptions.ResNet;
        options.Validate();
        EncoderOptions made = encoder.Options ?? throw new ArgumentException(
            "The encoder has no options to make a copy by; expected one that Encoder.Create made, or a copy of your own.", nameof(encoder));
        using RandomStateKept random = new();
        Precision precision = (encoder.Backbone as ResNet)?.Precision ?? Precision.Float32;
        return Encoder.Create(made with { Head = HeadKind.Linear, EmbeddingDimension = classes, BatchNormSplits = 1 }, precision)
            .HandTo(classifier =>
            {
                classifier.to(encoder.parameters().First().device);
                WeightCopy.Make(encoder.Backbone, classifier.Backbone);
                using DisposeScope scope = NewDisposeScope();
                using IDisposable constant = no_grad();
                foreach (Tensor parameter in classifier.Head.parameters())
                {
                    if (parameter.dim() < 2) parameter.zero_();
                    else parameter.copy_(tensor(options.InitialWeights(classes, (int)parameter.shape[1])).view(parameter.shape));
                }
                return classifier;
            });
    }

    /// <summary>Trains a network in place, batch by batch as they come.</summary>
    /// <param name="network">Backbone and a head that gives N×C scores, as <see cref="Classifier"/> makes it; of any modules. It ends up in
    /// evaluation mode.</param>
    /// <param name="images">The training images, shuffled and augmented, and the test images.</param>
    /// <param name="options">Null: <see cref="FineTuneOptions.ResNet"/>.</param>
    /// <param name="progress">Is told after every step and every epoch; the network may be saved then.</param>
    /// <param name="cancellationToken">Ends the training between two steps; what is done is returned.</param>
    /// <exception cref="ArgumentException">An argument out of range, batches that do not fit, or a frozen part that is none.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static FineTuneResult Train(
        Encoder network,
        LabelledBatches images,
        FineTuneOptions? options = null,
        IProgress<ClassifierProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        options ??= FineTuneOptions.ResNet;
        options.Validate();
        images.Validate();
        using RandomStateKept random = new();
        using IDisposable gradients = enable_grad();
        using FineTuner training = new(network.Backbone, network.Head, images.Classes, options);
        List<(int Epoch, double Loss, Accuracy? Test)> done = [];
        ConfusionMatrix? confusion = null;
        try
        {
            while (done.Count < options.Epochs)
            {
                int number = done.Count + 1, batches = 0;
                double loss = training.Epoch(images, done.Count, Tell, cancellationToken);
                Accuracy? accuracy = null;
                if (number % options.TestEvery == 0 || number == options.Epochs)
                    (accuracy, confusion) = Test(network, images, options, cancellationToken);
                done.Add((number, loss, accuracy));
                progress?.Report(new(number, options.Epochs, batches, images.BatchesPerEpoch, loss, true) { Test = accuracy });

                void Tell(int batch, double mean)
                {
                    batches = batch;
                    progress?.Report(new(number, options.Epochs, batch, images.BatchesPerEpoch, mean, false));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is done counts.
        }
        finally
        {
            network.eval();
        }
        return new FineTuneResult(done, confusion, done.Count < options.Epochs);
    }

    private static (Accuracy Accuracy, ConfusionMatrix Confusion) Test(
        Encoder network, LabelledBatches images, FineTuneOptions options, CancellationToken cancellationToken)
    {
        using FrozenEncoder frozen = new(network);
        Tally tally = new(images.Classes, options.ClassNames);
        foreach (FeatureBatch scores in FeatureBatch.Through(frozen, images.TestBatches(), cancellationToken))
            tally.Add(scores.Features, scores.Labels.Span);
        return tally.Result();
    }
}
