namespace MoCo.Reporting.Html;

/// <summary>An axis with ticks at round numbers, linear or logarithmic.</summary>
internal sealed class Axis
{
    private readonly double tickDistance;

    private Axis(double least, double most, double tickDistance, bool logarithmic, double[] ticks)
        => (Least, Most, this.tickDistance, Logarithmic, Ticks) = (least, most, tickDistance, logarithmic, ticks);

    public double Least { get; }

    public double Most { get; }

    public bool Logarithmic { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that covers the values with about as many ticks as asked for, and ends at ticks.</summary>
    public static Axis Rounded(double least, double most, int count) =>
        Rounded(least, most, count, (double.NegativeInfinity, double.PositiveInfinity));

    /// <summary>The same of a quantity that has bounds: the axis ends there, unless a value lies beyond.</summary>
    public static Axis Rounded(double least, double most, int count, (double Least, double Most) bounds)
    {
        (double from, double to) = (least, most);
        // One value only: room around it, so that the curve runs in the middle.
        if (most - least <= 1e-9 * Math.Max(Math.Abs(most), Math.Abs(least)))
            (from, to) = least == 0 ? (-1, 1) : (least - 0.1 * Math.Abs(least), most + 0.1 * Math.Abs(most));
        double distance = Distance(to - from, count);
        from = Math.Max(Math.Floor(from / distance + 1e-9) * distance, bounds.Least);
        to = Math.Min(Math.Ceiling(to / distance - 1e-9) * distance, bounds.Most);
        return Linear(Math.Min(from, least), Math.Max(to, most), distance);
    }

    /// <summary>An axis that ends where the values do, with ticks between; of what is counted, at whole numbers.</summary>
    public static Axis Exact(double least, double most, int count, bool whole = false)
    {
        if (most <= least) most = least + 1;
        return Linear(least, most, Distance(most - least, count, whole));
    }

    /// <summary>A logarithmic axis over whole decades.</summary>
    public static Axis Decades(double least, double most, int count)
    {
        int low = (int)Math.Floor(Math.Log10(least) + 1e-9), high = Math.Max(low + 1, (int)Math.Ceiling(Math.Log10(most) - 1e-9));
        int each = (high - low + count - 1) / count;
        double[] ticks = [.. Enumerable.Range(0, (high - low) / each + 1).Select(i => Math.Pow(10, low + i * each))];
        return new Axis(Math.Pow(10, low), Math.Pow(10, high), 1, true, ticks);
    }

    /// <summary>Where a value lies on the axis, 0–1 within.</summary>
    public double Share(double value)
        => Logarithmic ? Math.Log(value / Least) / Math.Log(Most / Least) : (value - Least) / (Most - Least);

    public string Label(double tick)
    {
        if (Logarithmic) return tick.ToString(tick is >= 0.999e-3 and < 1e4 ? "0.###" : "0e0", CultureInfo.InvariantCulture);
        if (Math.Abs(tick) < 1e-6 * tickDistance) return "0";
        double largest = Math.Max(Math.Abs(Most), Math.Abs(Least));
        (double scale, string unit) = largest switch { >= 2e6 => (1e6, "M"), >= 1e4 => (1e3, "k"), _ => (1, "") };
        double shown = tickDistance / scale;
        if (shown < 1e-4) return tick.ToString("0.##e0", CultureInfo.InvariantCulture);
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(shown) + 1e-9));
        if (Math.Abs(shown * Math.Pow(10, digits) % 1) is > 1e-6 and < 1 - 1e-6) digits++;
        return (tick / scale).ToString($"F{digits}", CultureInfo.InvariantCulture) + unit;
    }

    private static Axis Linear(double least, double most, double distance)
    {
        double first = Math.Ceiling(least / distance - 1e-6);
        int count = (int)(Math.Floor(most / distance + 1e-6) - first) + 1;
        return new Axis(least, most, distance, false, [.. Enumerable.Range(0, count).Select(i => (first + i) * distance)]);
    }

    private static double Distance(double range, int count, bool whole = false)
    {
        double rough = whole ? Math.Max(1, range / count) : range / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power)
            .First(step => step >= rough * 0.999 && (!whole || double.IsInteger(step)));
    }
}
