using MoCo.Evaluation.Features;

namespace MoCo.Evaluation.Linear;

/// <summary>Features with their classes.</summary>
/// <param name="Features">N×D float32 on the CPU, until the next batch is asked for.</param>
/// <param name="Labels">N classes.</param>
/// <param name="Progress">How much of the epoch lies before, 0 to below 1; 0 where that is not known.</param>
internal readonly record struct FeatureBatch(Tensor Features, ReadOnlyMemory<int> Labels, double Progress)
{
    /// <summary>Batches of some rows of features that were extracted once.</summary>
    internal static IEnumerable<FeatureBatch> Of(FeatureSet set, int[] rows, int batchSize)
    {
        for (int start = 0; start < rows.Length; start += batchSize)
        {
            int size = Math.Min(batchSize, rows.Length - start);
            int[] labels = [.. rows[start..(start + size)].Select(row => set.Labels?[row] ?? FeatureSet.Unlabelled)];
            using Tensor chosen = set.Rows(rows, start, size), features = chosen.cpu();
            yield return new FeatureBatch(features, labels, (double)start / rows.Length);
        }
    }

    /// <summary>Batches of views, sent through an encoder.</summary>
    internal static IEnumerable<FeatureBatch> Through(
        FrozenEncoder encoder, IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> batches, CancellationToken cancellationToken)
    {
        foreach ((Tensor views, ReadOnlyMemory<int> labels) in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using Tensor features = encoder.Features(views);
            yield return new FeatureBatch(features, labels, 0);
        }
    }
}

/// <summary>Trains classifiers at several learning rates, whether features were extracted once or come through an encoder.</summary>
internal sealed class ProbeTraining(
    int classes,
    LinearProbeOptions options,
    IReadOnlyList<double> learningRates,
    IProgress<ClassifierProgress>? progress,
    CancellationToken cancellationToken) : IDisposable
{
    /// <summary>Numbers in the weights of all classifiers at most: 2 GB.</summary>
    private const long MostWeights = int.MaxValue / sizeof(float);

    private readonly EpochLosses losses = new(learningRates.Count);
    private LinearRates? rates; // made when the first batch tells the dimension

    /// <exception cref="InvalidOperationException">Training diverged at every learning rate.</exception>
    internal void Fit(Func<int, IEnumerable<FeatureBatch>> epochs)
    {
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            losses.Clear();
            int batches = 0;
            foreach (FeatureBatch batch in epochs(epoch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                RatesFor(batch.Features).Step(batch.Features, batch.Labels.Span, options.Factor(epoch, batch.Progress));
                losses.Add(rates!.Losses, batch.Labels.Length);
                batches++;
            }
            progress?.Report(new(epoch + 1, options.Epochs, batches, batches, losses.Lowest, true) { Choosing = learningRates.Count > 1 });
        }
        if (losses.Means().Any(double.IsFinite)) return;
        string tried = string.Join(", ", learningRates.Select(rate => Invariant($"{rate}")));
        throw new InvalidOperationException($"The linear probe diverged at every learning rate tried ({tried}); "
            + "expected lower ones for features of this length.");
    }

    /// <summary>Each learning rate's accuracy on held-out images, with its mean loss over the last epoch.</summary>
    internal (double LearningRate, Accuracy HeldOut, double Loss)[] Score(IEnumerable<FeatureBatch> heldOut)
    {
        (int[] correct, int[] inFive, int total) = (new int[learningRates.Count], new int[learningRates.Count], 0);
        foreach (FeatureBatch batch in heldOut)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RatesFor(batch.Features).Count(batch.Features, batch.Labels, correct, inFive);
            total += batch.Labels.Length;
        }
        return [.. losses.Means().Select((loss, i) => (learningRates[i], new Accuracy(correct[i], inFive[i], total), loss))];
    }

    /// <summary>Tests the classifier that was trained at one of the learning rates.</summary>
    internal ProbeResult Test(
        int rate, IEnumerable<FeatureBatch> test, IReadOnlyList<(double LearningRate, Accuracy HeldOut, double Loss)> scores)
    {
        LinearClassifier classifier = rates!.Classifier(rate);
        (Accuracy accuracy, ConfusionMatrix confusion) = classifier.Evaluate(test, options.ClassNames);
        return new ProbeResult(accuracy, losses.Means()[rate], learningRates[rate], scores, confusion, classifier.Weight, classifier.Bias);
    }

    public void Dispose() => rates?.Dispose();

    private LinearRates RatesFor(Tensor features)
    {
        rates ??= Begin(features.shape[1]);
        return features.shape[1] == rates.Dimension ? rates : throw new ArgumentException(
            $"Expected an encoder that gives {rates.Dimension} features for every batch, found {features.shape[1]}.", nameof(features));
    }

    private LinearRates Begin(long dimension)
    {
        long numbers = Math.Max(dimension, options.BatchSize) * classes * learningRates.Count;
        if (numbers <= MostWeights) return new LinearRates((int)dimension, classes, options, learningRates);
        throw new ArgumentException($"{learningRates.Count} learning rates of {classes} classes and {dimension} dimensions at batch size "
            + $"{options.BatchSize} are {numbers} numbers; expected at most {MostWeights}. Try fewer learning rates at a time.");
    }
}

/// <summary>The mean losses of an epoch, one for each learning rate.</summary>
internal sealed class EpochLosses(int rates)
{
    private readonly double[] sums = new double[rates];
    private long images;

    /// <summary>The lowest mean of those that are finite; not a number where none is.</summary>
    internal double Lowest => Means().Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();

    internal void Clear()
    {
        sums.AsSpan().Clear();
        images = 0;
    }

    internal void Add(ReadOnlySpan<double> means, int batch)
    {
        for (int i = 0; i < sums.Length; i++) sums[i] += means[i] * batch;
        images += batch;
    }

    internal double[] Means() => [.. sums.Select(sum => sum / images)];
}
