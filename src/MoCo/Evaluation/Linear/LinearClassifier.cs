using MoCo.Evaluation.Features;
using MoCo.Tensors;

namespace MoCo.Evaluation.Linear;

/// <summary>A linear classifier of features: what a probe has learned. Plain memory, nothing to dispose.</summary>
public sealed class LinearClassifier
{
    /// <summary>Logits computed at a time: 16 MB.</summary>
    private const int MostLogits = 1 << 22;

    private readonly float[] weight, bias;

    internal LinearClassifier(float[] weight, float[] bias, int dimension) =>
        (this.weight, this.bias, Dimension) = (weight, bias, dimension);

    /// <summary>Numbers in a feature vector (D).</summary>
    public int Dimension { get; }

    /// <summary>How many classes there are (C).</summary>
    public int Classes => bias.Length;

    /// <summary>The weights, C×D row by row: a network's <c>fc.weight</c>.</summary>
    public ReadOnlyMemory<float> Weight => weight;

    /// <summary>The biases, C: a network's <c>fc.bias</c>.</summary>
    public ReadOnlyMemory<float> Bias => bias;

    /// <summary>The class of each feature vector.</summary>
    /// <param name="features">N vectors of D numbers; their labels are not looked at.</param>
    /// <returns>N classes, the one of the highest logit each; of equal ones the lowest.</returns>
    /// <exception cref="ArgumentException">Vectors of another length, or that are not finite.</exception>
    public IReadOnlyList<int> Predict(FeatureSet features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.Dimension != Dimension)
        {
            throw new ArgumentException(
                $"Expected features of {Dimension} dimensions as the classifier's, found {features.Dimension}.", nameof(features));
        }
        features.CheckFinite(nameof(features));
        List<int> predicted = new(features.Count);
        ForEachRow(Batches(features, [.. Enumerable.Range(0, features.Count)]), (_, logits) => predicted.Add(Ranking.Best(logits)));
        return predicted;
    }

    /// <summary>Classifies labelled features and counts what came out.</summary>
    internal (Accuracy Accuracy, ConfusionMatrix Confusion) Evaluate(IEnumerable<FeatureBatch> batches, IReadOnlyList<string> names)
    {
        Tally tally = new(Classes, names);
        ForEachRow(batches, tally.Add);
        return tally.Result();
    }

    /// <summary>Some rows in batches of a good size.</summary>
    internal IEnumerable<FeatureBatch> Batches(FeatureSet features, int[] rows) =>
        FeatureBatch.Of(features, rows, Math.Max(1, MostLogits / Math.Max(Classes, Dimension)));

    private void ForEachRow(IEnumerable<FeatureBatch> batches, Action<int, ReadOnlySpan<float>> use)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor w, Tensor b) = (tensor(weight).view(Classes, Dimension).t(), tensor(bias)); // D×C, C
        foreach (FeatureBatch batch in batches)
        {
            using DisposeScope inner = NewDisposeScope();
            ReadOnlySpan<float> logits = b.addmm(batch.Features, w).AsFloats(); // n×C
            for (int row = 0; row < batch.Labels.Length; row++) use(batch.Labels.Span[row], logits.Slice(row * Classes, Classes));
        }
    }
}
