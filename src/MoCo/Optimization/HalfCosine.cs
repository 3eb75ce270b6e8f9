namespace MoCo.Optimization;

/// <summary>Half a cosine from one value to another over a run.</summary>
internal static class HalfCosine
{
    /// <summary>b + (a − b)·½(1 + cos π·share).</summary>
    /// <param name="from">a, at share 0.</param>
    /// <param name="to">b, at share 1.</param>
    /// <param name="share">How much of the way is done, 0–1.</param>
    public static double Between(double from, double to, double share) => to + (from - to) * 0.5 * (1 + Math.Cos(Math.PI * share));
}
