namespace MoCo.Evaluation;

/// <summary>How often values fell between two bounds, in bins of equal width.</summary>
/// <param name="Lowest">Lower bound of the first bin.</param>
/// <param name="Highest">Upper bound of the last bin, which it belongs to; values beyond either bound are in the nearest bin.</param>
/// <param name="Counts">Values in each bin.</param>
/// <param name="Mean">Mean of the values; not a number where there are none.</param>
public sealed record Histogram(double Lowest, double Highest, IReadOnlyList<long> Counts, double Mean)
{
    /// <summary>How many values there were.</summary>
    public long Total => Counts.Sum();
}
