using System.Globalization;

namespace Quickstart;

/// <summary>An axis with ticks at round numbers.</summary>
internal sealed class Ticks
{
    private readonly double least, most, distance;

    private Ticks(double least, double most, double distance) => (this.least, this.most, this.distance) = (least, most, distance);

    /// <summary>An axis that covers the values with about as many ticks as asked for, and ends at ticks.</summary>
    public static Ticks From(double least, double most, int count)
    {
        double distance = Distance(most - least, count);
        return new Ticks(Math.Floor(least / distance) * distance, Math.Ceiling(most / distance) * distance, distance);
    }

    /// <summary>An axis from 0 that ends where the values do, with ticks up to there.</summary>
    public static Ticks UpTo(double most, int count) => new(0, most, Distance(most, count));

    public IEnumerable<double> Values => Enumerable.Range(0, (int)Math.Floor((most - least) / distance + 1e-6) + 1).Select(i => least + i * distance);

    /// <summary>Where a value lies on the axis, 0–1.</summary>
    public double Share(double value) => (value - least) / (most - least);

    public string Label(double value)
    {
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(distance) + 1e-9));
        if (Math.Abs(distance * Math.Pow(10, digits) % 1) is > 1e-6 and < 1 - 1e-6) digits++;
        return value.ToString($"F{digits}", CultureInfo.InvariantCulture);
    }

    private static double Distance(double range, int count)
    {
        double rough = Math.Max(range, 1e-6) / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power).First(step => step >= rough * 0.999);
    }
}
