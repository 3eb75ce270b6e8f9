using System.Text;
using MoCo.Tensors;

namespace MoCo.Evaluation;

/// <summary>How often a classifier found the label.</summary>
/// <param name="Correct">Images whose label came first.</param>
/// <param name="CorrectInFive">Images whose label was among the first five.</param>
/// <param name="Total">Images asked.</param>
public readonly record struct Accuracy(int Correct, int CorrectInFive, int Total)
{
    /// <summary>Top-1 accuracy, 0 … 1.</summary>
    public double Top1 => (double)Correct / Total;

    /// <summary>Top-5 accuracy, 0 … 1.</summary>
    public double Top5 => (double)CorrectInFive / Total;
}

/// <summary>How often images of each class were taken for each class.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[,] counts;

    internal ConfusionMatrix(int[,] counts, IReadOnlyList<string> names)
    {
        this.counts = counts;
        Names = [.. Enumerable.Range(0, counts.GetLength(0)).Select(label => label < names.Count ? names[label] : $"class {label}")];
    }

    /// <summary>The classes' names; "class 3" where none was given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How often images of class <paramref name="actual"/> were taken for <paramref name="predicted"/>.</summary>
    /// <param name="actual">The true class.</param>
    /// <param name="predicted">The class found.</param>
    public int this[int actual, int predicted] => counts[actual, predicted];

    /// <summary>The share of a class's images that were recognised, 0 … 1; not a number where there are none.</summary>
    /// <param name="label">The class.</param>
    public double Recall(int label) => Share(label, other => counts[label, other]);

    /// <summary>The share of right ones among the images taken for a class, 0 … 1; not a number where there are none.</summary>
    /// <param name="label">The class.</param>
    public double Precision(int label) => Share(label, other => counts[other, label]);

    /// <summary>The mean of the recalls of the classes that occur: top-1 accuracy as if all were equally frequent.</summary>
    public double MeanRecall => Enumerable.Range(0, Names.Count).Select(Recall).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The matrix as text: a row for each true class, tabs between.</summary>
    public override string ToString()
    {
        StringBuilder text = new StringBuilder("actual \\ predicted\t").AppendJoin('\t', Names).Append("\trecall");
        for (int actual = 0; actual < Names.Count; actual++)
        {
            text.Append('\n').Append(Names[actual]);
            for (int predicted = 0; predicted < Names.Count; predicted++)
                text.Append('\t').Append(counts[actual, predicted]);
            text.Append(CultureInfo.InvariantCulture, $"\t{Recall(actual):F3}");
        }
        return text.ToString();
    }

    private double Share(int label, Func<int, int> count)
    {
        long all = Enumerable.Range(0, Names.Count).Sum(other => (long)count(other));
        return all == 0 ? double.NaN : (double)counts[label, label] / all;
    }
}

/// <summary>Counts right and wrong answers while they come.</summary>
internal sealed class Tally(int classes, IReadOnlyList<string> names)
{
    private readonly int[,] counts = new int[classes, classes];
    private int correct, correctInFive, total;

    internal void Add(int label, ReadOnlySpan<float> scores)
    {
        int rank = Ranking.Of(scores, label, classes);
        total++;
        correct += rank == 0 ? 1 : 0;
        correctInFive += rank < 5 ? 1 : 0;
        counts[label, rank == 0 ? label : Ranking.Best(scores)]++;
    }

    /// <param name="scores">N×C float32 on the CPU.</param>
    /// <param name="labels">N.</param>
    internal void Add(Tensor scores, ReadOnlySpan<int> labels)
    {
        ReadOnlySpan<float> rows = scores.AsFloats();
        for (int row = 0; row < labels.Length; row++) Add(labels[row], rows.Slice(row * classes, classes));
    }

    internal (Accuracy Accuracy, ConfusionMatrix Confusion) Result() =>
        (new Accuracy(correct, correctInFive, total), new ConfusionMatrix(counts, names));
}
