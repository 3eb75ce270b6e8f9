namespace MoCo.Reporting;

/// <summary>How often values fell into each of some bins of equal width.</summary>
public sealed record ReportHistogram
{
    /// <summary>Makes a histogram.</summary>
    /// <param name="lowest">Lower bound of the first bin.</param>
    /// <param name="highest">Upper bound of the last bin.</param>
    /// <param name="counts">Values in each bin, none negative; 1 … 10,000 bins.</param>
    /// <exception cref="ArgumentException">A bound or a count is outside its range.</exception>
    public ReportHistogram(double lowest, double highest, IReadOnlyList<long> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (!(double.IsFinite(lowest) && double.IsFinite(highest) && lowest < highest))
            throw new ArgumentException($"A histogram's bounds must be finite and ascend; got {lowest} and {highest}.", nameof(highest));
        if (counts.Count is < 1 or > 10_000) throw new ArgumentException($"A histogram has 1 … 10,000 bins; got {counts.Count}.", nameof(counts));
        if (counts.Any(count => count < 0)) throw new ArgumentException($"A histogram counts 0 or more values in each bin; got {counts.First(count => count < 0)}.", nameof(counts));
        (Lowest, Highest, Counts) = (lowest, highest, counts);
    }

    /// <summary>Lower bound of the first bin.</summary>
    public double Lowest { get; }

    /// <summary>Upper bound of the last bin.</summary>
    public double Highest { get; }

    /// <summary>Values in each bin.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>Width of a bin.</summary>
    public double BinWidth => (Highest - Lowest) / Counts.Count;

    /// <summary>Mean of the values as far as the bins tell it; not a number where there are none.</summary>
    public double Mean => Counts.Select((count, bin) => count * (Lowest + (bin + 0.5) * BinWidth)).Sum() / Counts.Sum();
}
