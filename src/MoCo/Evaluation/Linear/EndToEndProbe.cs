using MoCo.Evaluation.Features;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Linear;

/// <summary>The linear probe through an encoder, batch by batch.</summary>
internal static class EndToEndProbe
{
    internal static LinearProbeResult Train(FrozenEncoder encoder, LabelledBatches images, LinearProbeOptions options, IProgress<ProbeProgress>? progress, CancellationToken cancellationToken)
    {
        LinearRates? rates = null;
        try
        {
            var losses = new EpochLosses(options.LearningRates.Count);
            for (int epoch = 0; epoch < options.Epochs; epoch++)
            {
                losses.Clear();
                foreach (var batch in images.Checked(images.Training(epoch), nameof(images.Training)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var features = encoder.Features(batch.Views); // N×D
                    rates ??= Begin((int)features.shape[1], images, options);
                    CheckDimension(features, rates);
                    // How many batches follow is not known here: a schedule follows the epochs.
                    rates.Step(features, batch.Labels.Span, options.Factor(epoch, 0));
                    losses.Add(rates.Losses, batch.Labels.Length);
                }

                progress?.Report(new ProbeProgress(options.LearningRates.Count > 1, epoch + 1, options.Epochs, losses.Lowest));
            }

            var scores = Array.Empty<LearningRateScore>();
            int chosen = 0;
            LinearProbe.CheckFinite(losses.Means(), options.LearningRates);
            if (options.LearningRates.Count > 1)
            {
                scores = HeldOut(encoder, images, options, rates!, losses.Means(), cancellationToken);
                chosen = Array.IndexOf(scores, LinearProbe.Best(scores));
            }

            var classifier = rates!.Classifier(chosen);
            var (accuracy, confusion) = Test(encoder, images, options.ClassNames, classifier, cancellationToken);
            return new LinearProbeResult(accuracy, options.LearningRates[chosen], scores, confusion, classifier);
        }
        finally
        {
            rates?.Dispose();
        }
    }

    private static LinearRates Begin(int dimension, LabelledBatches images, LinearProbeOptions options)
    {
        LinearProbe.CheckSize(dimension, images.Classes, options);
        return new LinearRates(dimension, images.Classes, options, options.LearningRates);
    }

    private static void CheckDimension(Tensor features, LinearRates rates)
    {
        if (features.shape[1] != rates.Dimension)
            throw new ArgumentException($"Expected an encoder that gives {rates.Dimension} features for every batch, found {features.shape[1]}.", nameof(features));
    }

    private static LearningRateScore[] HeldOut(FrozenEncoder encoder, LabelledBatches images, LinearProbeOptions options, LinearRates rates, double[] losses, CancellationToken cancellationToken)
    {
        var (correct, inFive, total) = (new int[losses.Length], new int[losses.Length], 0);
        foreach (var batch in images.Checked(images.HeldOut!(), nameof(images.HeldOut)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var features = encoder.Features(batch.Views);
            CheckDimension(features, rates);
            rates.Count(features, batch.Labels, correct, inFive);
            total += batch.Labels.Length;
        }

        return [.. losses.Select((loss, i) => new LearningRateScore(options.LearningRates[i], new Accuracy(correct[i], inFive[i], total), loss))];
    }

    internal static (Accuracy Accuracy, ConfusionMatrix Confusion) Test(FrozenEncoder encoder, LabelledBatches images, IReadOnlyList<string> names, LinearClassifier classifier, CancellationToken cancellationToken)
    {
        var tally = new Tally(images.Classes, names);
        foreach (var batch in images.Checked(images.Test(), nameof(images.Test)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var features = encoder.Features(batch.Views);
            classifier.Count(features, batch.Labels.Span, tally);
        }

        return tally.Result();
    }
}
