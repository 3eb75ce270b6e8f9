using MoCo.Evaluation.Features;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

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
        Check(features, nameof(features));
        int[] predicted = new int[features.Count];
        ForEachBlock(features, [.. Enumerable.Range(0, features.Count)], (start, logits) =>
        {
            for (int row = 0; row * Classes < logits.Length; row++)
                predicted[start + row] = Ranking.Best(logits.Slice(row * Classes, Classes));
        });
        return predicted;
    }

    /// <summary>Classifies labelled features and counts what came out.</summary>
    internal (Accuracy Accuracy, ConfusionMatrix Confusion) Evaluate(FeatureSet features, IReadOnlyList<string> names)
    {
        var tally = new Tally(Classes, names);
        int[] rows = features.LabelledRows();
        ForEachBlock(features, rows, (start, logits) =>
        {
            for (int row = 0; row * Classes < logits.Length; row++)
                tally.Add(features.Labels![rows[start + row]], logits.Slice(row * Classes, Classes));
        });
        return tally.Result();
    }

    /// <summary>Adds a batch of labelled features to a count.</summary>
    internal void Count(Tensor features, ReadOnlySpan<int> labels, Tally tally)
    {
        using var scope = NewDisposeScope();
        var (w, b) = Tensors();
        var logits = b.addmm(features, w.t()).AsFloats();
        for (int row = 0; row < labels.Length; row++)
            tally.Add(labels[row], logits.Slice(row * Classes, Classes));
    }

    internal void Check(FeatureSet features, string name)
    {
        if (features.Dimension != Dimension)
            throw new ArgumentException($"Expected features of {Dimension} dimensions as the classifier's, found {features.Dimension}.", name);
        features.CheckFinite(name);
    }

    private void ForEachBlock(FeatureSet features, int[] rows, BlockAction action)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var (w, b) = Tensors();
        int block = Math.Max(1, MostLogits / Math.Max(Classes, Dimension));
        for (int start = 0; start < rows.Length; start += block)
        {
            using var inner = NewDisposeScope();
            var x = features.Rows(rows, start, Math.Min(block, rows.Length - start)).cpu(); // n×D
            action(start, b.addmm(x, w.t()).AsFloats()); // n×C
        }
    }

    private (Tensor Weight, Tensor Bias) Tensors() => (tensor(weight).view(Classes, Dimension), tensor(bias));

    private delegate void BlockAction(int start, ReadOnlySpan<float> logits);
}
