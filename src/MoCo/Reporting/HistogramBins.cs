using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting;

/// <summary>What drawings and event files need of a histogram.</summary>
internal static class HistogramBins
{
    public static double Edge(this Histogram histogram, int bin)
        => histogram.Lowest + bin * (histogram.Highest - histogram.Lowest) / histogram.Counts.Count;

    /// <summary>The histogram, if it can be drawn.</summary>
    /// <exception cref="ArgumentException">A bound or a count is outside its range.</exception>
    public static Histogram Checked(this Histogram histogram, string name)
    {
        ArgumentNullException.ThrowIfNull(histogram, name);
        (double lowest, double highest, IReadOnlyList<long> counts, _) = histogram;
        if (!(double.IsFinite(lowest) && double.IsFinite(highest) && lowest < highest))
            throw new ArgumentException($"A histogram's bounds must be finite and ascend; got {lowest} and {highest}.", name);
        if (counts.Count is < 1 or > 10_000) throw new ArgumentException($"A histogram has 1 … 10,000 bins; got {counts.Count}.", name);
        if (counts.Min() < 0) throw new ArgumentException($"A histogram counts 0 or more values in each bin; got {counts.Min()}.", name);
        return histogram;
    }
}
