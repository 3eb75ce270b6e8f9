using System.Globalization;

namespace Quickstart;

/// <summary>An axis from a round number to a round number, with ticks at round numbers.</summary>
internal sealed class Ticks
{
    private readonly double least, most, distance;

    private Ticks(double least, double most, double distance) => (this.least, this.most, this.distance) = (least, most, distance);

    /// <summary>An axis that covers the values with about as many ticks as asked for.</summary>
    public static Ticks From(double least, double most, int count)
    {
        double rough = Math.Max(most - least, 1e-6) / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double distance = new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power).First(step => step >= rough * 0.999);
        return new Ticks(Math.Floor(least / distance) * distance, Math.Ceiling(most / distance) * distance, distance);
    }

    public IEnumerable<double> Values => Enumerable.Range(0, (int)Math.Round((most - least) / distance) + 1).Select(i => least + i * distance);

    /// <summary>Where a value lies on the axis, 0–1.</summary>
    public double Share(double value) => (value - least) / (most - least);

    public string Label(double value)
    {
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(distance) + 1e-9));
        if (Math.Abs(distance * Math.Pow(10, digits) % 1) is > 1e-6 and < 1 - 1e-6) digits++;
        return value.ToString($"F{digits}", CultureInfo.InvariantCulture);
    }
}
