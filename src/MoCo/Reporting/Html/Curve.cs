namespace MoCo.Reporting.Html;

/// <summary>A curve as it is drawn: few enough points, and, where it is long and noisy, its course over them.</summary>
internal sealed class Curve
{
    private const int MostPoints = 1000, SmoothedFrom = 200, MostSmoothed = 200, DottedUpTo = 40, MeanOf = 100;
    private readonly (double Step, double Value)[] course;

    public Curve((string Name, IReadOnlyList<(double Step, double Value)> Points) series, bool logarithmic)
    {
        for (int i = 1; i < series.Points.Count; i++)
        {
            (double before, double step) = (series.Points[i - 1].Step, series.Points[i].Step);
            if (!(step > before))
                throw new ArgumentException(
                    Invariant($"The steps of '{series.Name}' must ascend; point {i} has step {step} after {before}."));
        }
        (double Step, double Value)[] all = [.. series.Points
            .Where(point => double.IsFinite(point.Value) && double.IsFinite(point.Step) && (!logarithmic || point.Value > 0))];
        Name = series.Name;
        Points = Thinning.AtMost(MostPoints, all);
        course = all.Length >= SmoothedFrom && !logarithmic ? Thinning.Smooth(MostSmoothed, all) : [];
        // One batch says little: of a long curve, the end is the mean of its last hundredth.
        End = all.Length == 0 ? double.NaN : all[^Math.Max(1, all.Length / MeanOf)..].Average(point => point.Value);
    }

    public string Name { get; }

    public (double Step, double Value)[] Points { get; }

    /// <summary>The value at the end.</summary>
    public double End { get; }

    public void Write(HtmlText page, ChartFrame frame, int number)
    {
        page.Line($"""<polyline class="curve s{number}{(course.Length > 0 ? " raw" : "")}" points="{Path(frame, Points)}"/>""");
        if (course.Length > 0) page.Line($"""<polyline class="curve s{number}" points="{Path(frame, course)}"/>""");
        if (Points.Length > DottedUpTo) return;
        foreach ((double step, double value) in Points)
            page.Line($"""<circle class="dot s{number}" cx="{frame.X(step):F1}" cy="{frame.Y(value):F1}" r="2.5"/>""");
    }

    private static string Path(ChartFrame frame, (double Step, double Value)[] points)
        => string.Join(' ', points.Select(point => FormattableString.Invariant($"{frame.X(point.Step):F1},{frame.Y(point.Value):F1}")));
}
