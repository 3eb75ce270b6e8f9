using System.Globalization;
using System.Text;
using MoCo.Encoders;

namespace MoCo.Evaluation;

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
        var text = new StringBuilder("actual \\ predicted\t").AppendJoin('\t', Names).Append("\trecall");
        for (var actual = 0; actual < Names.Count; actual++)
        {
            text.Append('\n').Append(Names[actual]);
            for (var predicted = 0; predicted < Names.Count; predicted++)
                text.Append('\t').Append(counts[actual, predicted]);
            text.Append(CultureInfo.InvariantCulture, $"\t{Recall(actual):F3}");
        }

        return text.ToString();
    }

    private double Share(int label, Func<int, int> count)
    {
        var all = Enumerable.Range(0, Names.Count).Sum(other => (long)count(other));
        return all == 0 ? double.NaN : (double)counts[label, label] / all;
    }
}
