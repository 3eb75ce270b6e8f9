namespace MoCo.Reporting.Html;

/// <summary>Curves over steps: a drawing, and the numbers beside it for the pointer.</summary>
internal static class LineChart
{
    private const int MostSeries = 6, LongestName = 30;

    public static void Write(HtmlText page, ReportChart chart)
    {
        Curve[] curves = [.. chart.Series.Take(MostSeries)
            .Select(series => new Curve(series, chart.Logarithmic)).Where(curve => curve.Points.Length > 0)];
        if (curves.Length == 0) return;
        (double Value, string Name)? limit = chart.Limit;
        if (limit?.Value is double value && !(double.IsFinite(value) && (!chart.Logarithmic || value > 0))) limit = null;
        ChartFrame frame = Frame(chart, curves, limit?.Value);
        page.Line($"""<figure class="card line"><figcaption><h3>{chart.Title}</h3>""");
        Legend(page, chart, curves);
        page.Raw("</figcaption>");
        IEnumerable<string> ends = curves.Select(curve => $"{curve.Name} {Figures.WithUnit(curve.End, chart.Unit)} at the end");
        frame.Open(page, $"{chart.Title}: {string.Join("; ", ends)}");
        frame.Grid(page, chart.HorizontalTitle);
        if (limit is { } line) Limit(page, frame, line, curves[0].End < line.Value);
        for (int i = 0; i < curves.Length; i++) curves[i].Write(page, frame, i);
        page.Line($"""<line class="cross" y1="{ChartFrame.Top}" y2="{frame.Bottom}"/></svg>""");
        page.Data(new
        {
            title = chart.HorizontalTitle,
            unit = chart.Unit,
            limit = limit is { } crossed ? $"{crossed.Name}: {Figures.WithUnit(crossed.Value, chart.Unit)}" : null,
            series = curves.Select(curve => new
            {
                name = curve.Name,
                // Where a point is drawn, what it says.
                points = curve.Points
                    .Select(point => new[] { Math.Round(frame.X(point.Step), 1), Math.Round(point.Step, 3), Rounded(point.Value) }),
            }),
        });
        page.Raw("</figure>");
    }

    private static ChartFrame Frame(ReportChart chart, Curve[] curves, double? limit)
    {
        IEnumerable<double> values = curves.SelectMany(curve => curve.Points).Select(point => point.Value);
        if (limit is double line) values = values.Append(line);
        double least = values.Min(), most = values.Max();
        double first = curves.Min(curve => curve.Points[0].Step), last = curves.Max(curve => curve.Points[^1].Step);
        // A run is shown from its start, unless only a late part of it is known.
        if (first > 0 && (first < 0.2 * last || first == last)) first = 0;
        Axis vertical = chart.Logarithmic ? Axis.Decades(least, most, 5) : Axis.Rounded(least, most, 5, chart.Bounds);
        // Steps and dimensions are whole.
        return new ChartFrame(Axis.Exact(first, last, 5, whole: true), vertical);
    }

    private static void Legend(HtmlText page, ReportChart chart, Curve[] curves)
    {
        page.Raw("""<p class="legend">""");
        for (int i = 0; i < curves.Length; i++)
        {
            string name = curves.Length == 1 && !chart.NamesLoneCurve ? "" : curves[i].Name + " ";
            page.Line($"""<span><i class="s{i}"></i>{name}<b>{Figures.WithUnit(curves[i].End, chart.Unit)}</b></span>""");
        }
        page.Raw("</p>");
    }

    // The label stands at the right, on the side of the line that the end of the curve leaves free.
    private static void Limit(HtmlText page, ChartFrame frame, (double Value, string Name) limit, bool endsBelow)
    {
        double y = frame.Y(limit.Value);
        bool above = endsBelow && y > ChartFrame.Top + 20;
        page.Line($"""<line class="limit" x1="{ChartFrame.Left}" y1="{y:F1}" x2="{ChartFrame.Right}" y2="{y:F1}"/>""");
        string text = $"{Figures.Cut(limit.Name, LongestName)} = {Figures.Short(limit.Value)}";
        page.Line($"""<text class="end halo" x="{ChartFrame.Right - 2}" y="{y + (above ? -6 : 15):F1}">{text}</text>""");
    }

    // Six digits are more than anybody reads, and half the bytes.
    private static double Rounded(double value)
        => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
