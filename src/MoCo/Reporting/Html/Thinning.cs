namespace MoCo.Reporting.Html;

/// <summary>Fewer points of a long curve, so that it looks the same: the ends, and the least and greatest value of each stretch.</summary>
internal static class Thinning
{
    public static (double Step, double Value)[] AtMost(int limit, (double Step, double Value)[] points)
    {
        if (points.Length <= limit) return points;
        int stretches = (limit - 2) / 2, inner = points.Length - 2;
        List<(double, double)> kept = new(limit) { points[0] };
        for (int stretch = 0; stretch < stretches; stretch++)
        {
            int from = 1 + (int)((long)stretch * inner / stretches), to = 1 + (int)((long)(stretch + 1) * inner / stretches);
            int least = from, most = from;
            for (int i = from + 1; i < to; i++)
            {
                if (points[i].Value < points[least].Value) least = i;
                if (points[i].Value > points[most].Value) most = i;
            }
            kept.Add(points[Math.Min(least, most)]);
            if (least != most) kept.Add(points[Math.Max(least, most)]);
        }
        kept.Add(points[^1]);
        return [.. kept];
    }

    /// <summary>The mean around each of some evenly chosen points, over a fiftieth of them: where a noisy curve goes.</summary>
    public static (double Step, double Value)[] Smooth(int limit, (double Step, double Value)[] points)
    {
        int reach = Math.Max(1, points.Length / 100);
        return [.. Evenly(limit, points.Length).Select(i =>
        {
            // As far to the left as to the right, so that a slope is not bent at the ends; yet never one noisy value alone.
            int near = Math.Clamp(Math.Min(i, points.Length - 1 - i), (reach + 2) / 3, reach);
            return (points[i].Step, points[Math.Max(0, i - near)..Math.Min(points.Length, i + near + 1)].Average(point => point.Value));
        })];
    }

    /// <summary>An even choice of places 0 … count − 1, both ends among them.</summary>
    public static int[] Evenly(int limit, int count)
        => [.. Enumerable.Range(0, Math.Min(limit, count)).Select(i => count <= limit ? i : (int)((long)i * (count - 1) / (limit - 1)))];
}
