using MoCo.Data;
using MoCo.Evaluation.Features;

namespace MoCo.Evaluation.Linear;

/// <summary>The linear classification protocol (He et al. 2020, §4.1): how well a linear classifier tells classes apart from frozen
/// features. Several learning rates are trained side by side as one batched problem; the best on a held-out part of the training images is
/// then tested.</summary>
public static class LinearProbe
{
    /// <summary>Logits computed at a time when features are tested: 16 MB.</summary>
    private const int MostLogits = 1 << 22;

    /// <summary>Probes features that were extracted once. With several learning rates a stratified held-out part chooses one, which is then
    /// trained on all training features.</summary>
    /// <param name="training">Labelled features to learn from; rows without a label are left out.</param>
    /// <param name="test">Labelled features to be judged by; rows without a label are left out.</param>
    /// <param name="options">Null: the official recipe at twelve learning rates.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <returns>The accuracy and the classifier.</returns>
    /// <exception cref="ArgumentException">Missing labels, unequal dimensions, features not finite, or options out of range.</exception>
    /// <exception cref="InvalidOperationException">Training diverged at every learning rate.</exception>
    public static ProbeResult Train(
        FeatureSet training,
        FeatureSet test,
        LinearProbeOptions? options = null,
        IProgress<ClassifierProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        options ??= new LinearProbeOptions();
        options.Validate();
        int[] all = LabelledRows(training, nameof(training)), asked = LabelledRows(test, nameof(test));
        (int own, int other) = (training.Dimension, test.Dimension);
        string mismatch = $"Expected test features of {own} dimensions as the training features', found {other}.";
        if (own != other) throw new ArgumentException(mismatch, nameof(test));

        int classes = Math.Max(training.Labels!.Max(), test.Labels!.Max()) + 1;
        (double rate, (double LearningRate, Accuracy HeldOut, double Loss)[] scores) = (options.LearningRates[0], []);
        if (options.LearningRates.Count > 1)
        {
            (int[] kept, int[] heldOut) = StratifiedSample.Split(training.Labels!, options.HeldOut, options.Seed);
            if (heldOut.Length == 0)
            {
                throw new ArgumentException("No class has two images, so none can be held out to choose among learning rates; "
                    + "expected more images or one learning rate.", nameof(training));
            }
            // Which rate is best shows long before the last epoch, and the whole length at twelve rates would cost minutes.
            LinearProbeOptions shorter = options with { Epochs = Math.Min(options.Epochs, options.ChoosingEpochs) };
            using ProbeTraining several = new(classes, shorter, options.LearningRates, progress, cancellationToken);
            several.Fit(epoch => FeatureBatch.Of(training, Shuffled(kept, options, epoch), options.BatchSize));
            scores = several.Score(FeatureBatch.Of(training, heldOut, batchSize: 8192));
            rate = scores[Best(scores)].LearningRate;
        }
        using ProbeTraining one = new(classes, options, [rate], progress, cancellationToken);
        one.Fit(epoch => FeatureBatch.Of(training, Shuffled(all, options, epoch), options.BatchSize));
        return one.Test(0, FeatureBatch.Of(test, asked, Math.Max(1, MostLogits / Math.Max(classes, own))), scores);
    }

    /// <summary>Probes an encoder end to end, with augmented training images as in the official recipe: every batch goes through the frozen
    /// encoder in evaluation mode. With several learning rates the held-out batches choose among them.</summary>
    /// <param name="encoder">From N×C×H×W to N×D, usually a backbone; it is verified at the end that nothing in it changed.</param>
    /// <param name="images">The batches.</param>
    /// <param name="options">Null: the official recipe at learning rate 30. Its batch size and held-out share do not count here: the
    /// batches are what they are.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <returns>The accuracy and the classifier.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or batches that do not fit.</exception>
    /// <exception cref="InvalidOperationException">Training diverged at every rate, or the encoder was changed meanwhile.</exception>
    public static ProbeResult Train(
        nn.Module<Tensor, Tensor> encoder,
        LabelledBatches images,
        LinearProbeOptions? options = null,
        IProgress<ClassifierProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(images);
        options ??= LinearProbeOptions.Official;
        options.Validate();
        images.Validate(options.LearningRates.Count);
        using FrozenEncoder frozen = new(encoder);
        using ProbeTraining training = new(images.Classes, options, options.LearningRates, progress, cancellationToken);
        // How many batches an epoch has is not known here: a schedule follows the epochs.
        training.Fit(epoch => FeatureBatch.Through(frozen, images.TrainingBatches(epoch), cancellationToken));
        (double LearningRate, Accuracy HeldOut, double Loss)[] scores = options.LearningRates.Count == 1 ? []
            : training.Score(FeatureBatch.Through(frozen, images.HeldOutBatches(), cancellationToken));
        int chosen = scores.Length == 0 ? 0 : Best(scores);
        ProbeResult result = training.Test(chosen, FeatureBatch.Through(frozen, images.TestBatches(), cancellationToken), scores);
        frozen.Verify();
        return result;
    }

    /// <summary>The place of the most accurate rate, of equally accurate ones that of the lowest loss.</summary>
    private static int Best((double LearningRate, Accuracy HeldOut, double Loss)[] scores) => Enumerable.Range(0, scores.Length)
        .Where(i => double.IsFinite(scores[i].Loss)).OrderByDescending(i => scores[i].HeldOut.Correct).ThenBy(i => scores[i].Loss).First();

    private static int[] LabelledRows(FeatureSet set, string name)
    {
        int[] rows = set.LabelledRows();
        if (rows.Length == 0) throw new ArgumentException($"The {name} features have no labels; expected some.", name);
        set.CheckFinite(name);
        return rows;
    }

    private static int[] Shuffled(int[] rows, LinearProbeOptions options, int epoch) =>
        [.. EpochPermutation.Create(rows.Length, options.Seed, epoch).Select(place => rows[place])];
}
