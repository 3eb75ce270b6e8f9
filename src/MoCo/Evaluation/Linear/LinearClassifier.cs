namespace MoCo.Evaluation.Linear;

/// <summary>A linear classifier of features: what a probe has learned.</summary>
/// <param name="Weight">C×D, row by row.</param>
/// <param name="Bias">C.</param>
internal sealed record LinearClassifier(float[] Weight, float[] Bias)
{
    /// <summary>Classifies labelled features and counts what came out.</summary>
    internal (Accuracy Accuracy, ConfusionMatrix Confusion) Evaluate(IEnumerable<FeatureBatch> batches, IReadOnlyList<string> names)
    {
        Tally tally = new(Bias.Length, names);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor w, Tensor b) = (tensor(Weight).view(Bias.Length, -1).t(), tensor(Bias)); // D×C, C
        foreach (FeatureBatch batch in batches)
        {
            using DisposeScope inner = NewDisposeScope();
            tally.Add(b.addmm(batch.Features, w), batch.Labels.Span); // n×C
        }
        return tally.Result();
    }
}
