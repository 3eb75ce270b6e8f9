namespace MoCo.Evaluation;

/// <summary>Counts right and wrong answers while they come.</summary>
internal sealed class Tally(int classes, IReadOnlyList<string> names)
{
    private readonly int[,] counts = new int[classes, classes];
    private int correct, correctInFive, total;

    /// <summary>Counts one image.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="scores">A score for each class.</param>
    internal void Add(int label, ReadOnlySpan<float> scores)
    {
        var rank = Ranking.Of(scores, label, classes);
        total++;
        correct += rank == 0 ? 1 : 0;
        correctInFive += rank < 5 ? 1 : 0;
        counts[label, rank == 0 ? label : Ranking.Best(scores)]++;
    }

    internal (Accuracy Accuracy, ConfusionMatrix Confusion) Result() =>
        (new Accuracy(correct, correctInFive, total), new ConfusionMatrix(counts, names));
}
