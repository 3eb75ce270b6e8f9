using MoCo.Data;
using MoCo.Evaluation.Features;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Linear;

/// <summary>The linear classification protocol (He et al. 2020, §4.1): how well a linear classifier tells classes apart from
/// frozen features. Several learning rates are trained side by side as one batched problem; the best on a held-out part of the
/// training images is then tested.</summary>
public static class LinearProbe
{
    /// <summary>Numbers in the weights of all classifiers at most: 2 GB.</summary>
    private const long MostWeights = int.MaxValue / sizeof(float);

    /// <summary>Probes features that were extracted once. With several learning rates a stratified held-out part chooses one,
    /// which is then trained on all training features.</summary>
    /// <param name="training">Labelled features to learn from; rows without a label are left out.</param>
    /// <param name="test">Labelled features to be judged by; rows without a label are left out.</param>
    /// <param name="options">Null: the official recipe at twelve learning rates.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <returns>The accuracy and the classifier.</returns>
    /// <exception cref="ArgumentException">Missing labels, unequal dimensions, features that are not finite, or options out of range.</exception>
    /// <exception cref="InvalidOperationException">Training diverged at every learning rate.</exception>
    public static LinearProbeResult Train(
        FeatureSet training,
        FeatureSet test,
        LinearProbeOptions? options = null,
        IProgress<ProbeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        options ??= new LinearProbeOptions();
        options.Validate();
        CheckSet(training, nameof(training));
        CheckSet(test, nameof(test));
        if (training.Dimension != test.Dimension)
            throw new ArgumentException($"Expected test features of {training.Dimension} dimensions as the training features', found {test.Dimension}.", nameof(test));
        int classes = Math.Max(training.Labels!.Max(), test.Labels!.Max()) + 1;
        CheckSize(training.Dimension, classes, options);

        var (rate, scores) = (options.LearningRates[0], Array.Empty<LearningRateScore>());
        if (options.LearningRates.Count > 1)
        {
            var (kept, heldOut) = StratifiedSample.Split(training.Labels!, options.HeldOut, options.Seed);
            if (heldOut.Length == 0)
                throw new ArgumentException("No class has two images, so none can be held out to choose among learning rates; expected more images or one learning rate.", nameof(training));
            // Which rate is best shows long before the last epoch, and the whole length at twelve rates would cost minutes.
            var shorter = options with { Epochs = Math.Min(options.Epochs, options.ChoosingEpochs) };
            using var several = new LinearRates(training.Dimension, classes, shorter, options.LearningRates);
            double[] losses = Fit(several, training, kept, shorter, true, progress, cancellationToken);
            CheckFinite(losses, options.LearningRates);
            scores = Score(several, shorter, training, heldOut, losses, cancellationToken);
            rate = Best(scores).LearningRate;
        }

        using var one = new LinearRates(training.Dimension, classes, options, [rate]);
        int[] all = training.LabelledRows();
        CheckFinite(Fit(one, training, all, options, false, progress, cancellationToken), [rate]);
        var classifier = one.Classifier(0);
        var (accuracy, confusion) = classifier.Evaluate(test, options.ClassNames);
        return new LinearProbeResult(accuracy, rate, scores, confusion, classifier);
    }

    /// <summary>Probes an encoder end to end, with augmented training images as in the official recipe: every batch goes through
    /// the frozen encoder in evaluation mode. With several learning rates the held-out batches choose among them.</summary>
    /// <param name="encoder">From N×C×H×W to N×D, usually a backbone; it is verified at the end that nothing in it changed.</param>
    /// <param name="images">The batches.</param>
    /// <param name="options">Null: the official recipe at learning rate 30. Its batch size and held-out share do not count here:
    /// the batches are what they are.</param>
    /// <param name="progress">Is told after every epoch.</param>
    /// <param name="cancellationToken">Ends the training between two steps.</param>
    /// <returns>The accuracy and the classifier.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or batches that do not fit.</exception>
    /// <exception cref="InvalidOperationException">Training diverged at every learning rate, or the encoder was changed meanwhile.</exception>
    public static LinearProbeResult Train(
        nn.Module<Tensor, Tensor> encoder,
        LabelledBatches images,
        LinearProbeOptions? options = null,
        IProgress<ProbeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(images);
        options ??= LinearProbeOptions.Official;
        options.Validate();
        images.Validate();
        if (options.LearningRates.Count > 1 && images.HeldOut is null)
            throw new ArgumentException($"{nameof(LabelledBatches.HeldOut)} is null with {options.LearningRates.Count} learning rates; expected held-out batches to choose among them, or one rate.", nameof(images));
        using var frozen = new FrozenEncoder(encoder);
        var result = EndToEndProbe.Train(frozen, images, options, progress, cancellationToken);
        frozen.Verify();
        return result;
    }

    /// <summary>The most accurate rate, of equally accurate ones that of the lowest loss.</summary>
    internal static LearningRateScore Best(IEnumerable<LearningRateScore> scores) =>
        scores.Where(score => double.IsFinite(score.Loss)).OrderByDescending(score => score.HeldOut.Correct).ThenBy(score => score.Loss).First();

    internal static void CheckFinite(double[] losses, IReadOnlyList<double> learningRates)
    {
        if (!losses.Any(double.IsFinite))
            throw new InvalidOperationException($"The linear probe diverged at every learning rate tried ({string.Join(", ", learningRates)}); expected lower ones for features of this length.");
    }

    internal static void CheckSize(long dimension, long classes, LinearProbeOptions options)
    {
        long numbers = Math.Max(dimension, options.BatchSize) * classes * options.LearningRates.Count;
        if (numbers > MostWeights)
            throw new ArgumentException($"{options.LearningRates.Count} learning rates of {classes} classes and {dimension} dimensions at batch size {options.BatchSize} are {numbers} numbers; expected at most {MostWeights}. Try fewer learning rates at a time.", nameof(options));
    }

    private static void CheckSet(FeatureSet set, string name)
    {
        if (set.LabelledRows().Length == 0)
            throw new ArgumentException($"The {name} features have no labels; expected some.", name);
        set.CheckFinite(name);
    }

    /// <summary>Trains for all epochs.</summary>
    /// <returns>The rates' mean losses over the last epoch.</returns>
    private static double[] Fit(LinearRates rates, FeatureSet set, int[] rows, LinearProbeOptions options, bool choosing, IProgress<ProbeProgress>? progress, CancellationToken cancellationToken)
    {
        var losses = new EpochLosses(rates.Losses.Length);
        int[] labels = new int[rows.Length];
        int[] shuffled = new int[rows.Length];
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            losses.Clear();
            int[] order = EpochPermutation.Create(rows.Length, options.Seed, epoch);
            for (int i = 0; i < order.Length; i++)
                (shuffled[i], labels[i]) = (rows[order[i]], set.Labels![rows[order[i]]]);
            for (int start = 0; start < rows.Length; start += options.BatchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int size = Math.Min(options.BatchSize, rows.Length - start);
                using var batch = OnCpu(set, shuffled, start, size); // N×D
                rates.Step(batch, labels.AsSpan(start, size), options.Factor(epoch, (double)start / rows.Length));
                losses.Add(rates.Losses, size);
            }

            progress?.Report(new ProbeProgress(choosing, epoch + 1, options.Epochs, losses.Lowest));
        }

        return losses.Means();
    }

    /// <summary>Each rate's accuracy on some rows.</summary>
    private static LearningRateScore[] Score(LinearRates rates, LinearProbeOptions options, FeatureSet set, int[] rows, double[] losses, CancellationToken cancellationToken)
    {
        const int Block = 8192;
        var (correct, inFive) = (new int[losses.Length], new int[losses.Length]);
        int[] labels = [.. rows.Select(row => set.Labels![row])];
        for (int start = 0; start < rows.Length; start += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int size = Math.Min(Block, rows.Length - start);
            using var features = OnCpu(set, rows, start, size);
            rates.Count(features, labels.AsMemory(start, size), correct, inFive);
        }

        return [.. losses.Select((loss, i) => new LearningRateScore(options.LearningRates[i], new Accuracy(correct[i], inFive[i], rows.Length), loss))];
    }

    /// <summary>Some rows where <see cref="LinearRates"/> works.</summary>
    private static Tensor OnCpu(FeatureSet set, int[] rows, int start, int count)
    {
        using Tensor chosen = set.Rows(rows, start, count);
        return chosen.cpu();
    }
}
