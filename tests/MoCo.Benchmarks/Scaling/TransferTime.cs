namespace MoCo.Benchmarks.Scaling;

/// <summary>How long a collective takes: a + b · bytes from one measured size to the next, since what fits into the processor's caches
/// moves at another rate than what does not.</summary>
internal sealed class TransferTime
{
    private readonly (double Bytes, double Seconds)[] points;

    /// <param name="measured">Two sizes or more, and what they took.</param>
    public TransferTime(IEnumerable<(double Bytes, double Seconds)> measured)
    {
        points = [.. measured.OrderBy(point => point.Bytes)];
        // More bytes take no less time, whatever a busy machine has measured.
        for (int i = 1; i < points.Length; i++) points[i].Seconds = Math.Max(points[i].Seconds, points[i - 1].Seconds);
    }

    /// <summary>Seconds of the smallest transfer.</summary>
    public double Latency => points[0].Seconds;

    /// <summary>Bytes a second between the two largest sizes.</summary>
    public double Rate => (points[^1].Bytes - points[^2].Bytes) / (points[^1].Seconds - points[^2].Seconds);

    /// <summary>The seconds of so many bytes; beyond the measured sizes as between the nearest two.</summary>
    public double Of(long bytes)
    {
        int upper = Math.Clamp(Array.FindIndex(points, point => point.Bytes >= bytes) switch { -1 => points.Length, int i => i },
            1, points.Length - 1);
        ((double x0, double t0), (double x1, double t1)) = (points[upper - 1], points[upper]);
        return Math.Max(0, t0 + (t1 - t0) * (bytes - x0) / (x1 - x0));
    }
}
