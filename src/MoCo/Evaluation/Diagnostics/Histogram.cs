namespace MoCo.Evaluation.Diagnostics;

/// <summary>How often values fell between two bounds, in bins of equal width.</summary>
/// <param name="Lowest">Lower bound of the first bin.</param>
/// <param name="Highest">Upper bound of the last bin, which it belongs to; values beyond either bound are in the nearest bin.</param>
/// <param name="Counts">Values in each bin.</param>
/// <param name="Mean">Mean of the values; not a number where there are none.</param>
public sealed record Histogram(double Lowest, double Highest, IReadOnlyList<long> Counts, double Mean)
{
    /// <summary>How many values there were.</summary>
    internal long Total => Counts.Sum();

    /// <summary>The lower bound of a bin; after the last, its upper bound.</summary>
    internal double Edge(int bin) => Lowest + (bin * (Highest - Lowest) / Counts.Count);

    /// <summary>The histogram, if it can be drawn.</summary>
    /// <exception cref="ArgumentException">A bound or a count is outside its range.</exception>
    internal Histogram Checked(string name)
    {
        if (!(double.IsFinite(Lowest) && double.IsFinite(Highest) && Lowest < Highest))
            throw new ArgumentException(Invariant($"A histogram's bounds must be finite and ascend; got {Lowest} and {Highest}."), name);
        if (Counts.Count is < 1 or > 10_000) throw new ArgumentException($"A histogram has 1 … 10,000 bins; got {Counts.Count}.", name);
        if (Counts.Min() < 0) throw new ArgumentException($"A histogram counts 0 or more values in each bin; got {Counts.Min()}.", name);
        return this;
    }
}

/// <summary>Fills a <see cref="Histogram"/>.</summary>
internal sealed class HistogramBuilder(double lowest, double highest, int bins)
{
    private readonly long[] counts = new long[bins];
    private double sum;

    /// <summary>Cosine similarities, −1 to 1.</summary>
    internal static HistogramBuilder OfSimilarities() => new(-1, 1, 100);

    internal void Add(ReadOnlySpan<float> values)
    {
        double scale = bins / (highest - lowest);
        foreach (float value in values)
        {
            sum += value;
            counts[Math.Clamp((int)((value - lowest) * scale), 0, bins - 1)]++;
        }
    }

    internal Histogram Result() => new(lowest, highest, counts, sum / counts.Sum());
}
