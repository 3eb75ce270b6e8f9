namespace MoCo.Evaluation;

/// <summary>Fills a <see cref="Histogram"/>.</summary>
internal sealed class HistogramBuilder(double lowest, double highest, int bins)
{
    private readonly long[] counts = new long[bins];
    private double sum;

    internal void Add(ReadOnlySpan<float> values)
    {
        var scale = bins / (highest - lowest);
        foreach (var value in values)
        {
            sum += value;
            counts[Math.Clamp((int)((value - lowest) * scale), 0, bins - 1)]++;
        }
    }

    internal Histogram Result() => new(lowest, highest, counts, sum / counts.Sum());
}
