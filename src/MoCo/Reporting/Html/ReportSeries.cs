namespace MoCo.Reporting;

/// <summary>A curve. Long ones are thinned to at most 1000 points, which keep the extremes.</summary>
public sealed record ReportSeries
{
    /// <summary>Makes a curve.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="points">Its points, their steps ascending; those whose value is not finite are left out.</param>
    /// <exception cref="ArgumentException">The steps do not ascend.</exception>
    public ReportSeries(string name, IReadOnlyList<(double Step, double Value)> points)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(points);
        for (var i = 1; i < points.Count; i++)
        {
            if (!(points[i].Step > points[i - 1].Step))
                throw new ArgumentException($"The steps of '{name}' must ascend; point {i} has step {points[i].Step} after {points[i - 1].Step}.", nameof(points));
        }
        Name = name;
        Points = points;
    }

    /// <summary>The curve's name.</summary>
    public string Name { get; }

    /// <summary>Its points, their steps ascending.</summary>
    public IReadOnlyList<(double Step, double Value)> Points { get; }
}
