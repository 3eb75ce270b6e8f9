namespace MoCo.Reporting;

/// <summary>A chart of one or more curves over the training steps.</summary>
public sealed record ReportChart
{
    /// <summary>What is drawn.</summary>
    public required string Title { get; init; }

    /// <summary>The curves; those beyond the sixth are left out.</summary>
    public required IReadOnlyList<ReportSeries> Series { get; init; }

    /// <summary>Unit of the values, put behind them: <c>%</c>; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What runs to the right.</summary>
    public string HorizontalTitle { get; init; } = "step";

    /// <summary>A dashed line across and what it stands for, such as <c>guessing: ln(K+1)</c>, or null.</summary>
    public (double Value, string Name)? Limit { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; values of 0 and less are left out then.</summary>
    public bool Logarithmic { get; init; }
}

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
            (double before, double step) = (points[i - 1].Step, points[i].Step);
            if (!(step > before))
            {
                string message = $"The steps of '{name}' must ascend; point {i} has step {step} after {before}.";
                throw new ArgumentException(message, nameof(points));
            }
        }
        Name = name;
        Points = points;
    }

    /// <summary>The curve's name.</summary>
    public string Name { get; }

    /// <summary>Its points, their steps ascending.</summary>
    public IReadOnlyList<(double Step, double Value)> Points { get; }
}
