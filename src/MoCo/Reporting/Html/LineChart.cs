namespace MoCo.Reporting.Html;

/// <summary>Curves over steps, on a page or in an image.</summary>
internal sealed class LineChart
{
    private const int MostSeries = 6, LongestName = 30, LongestUnit = 8;

    private readonly ReportChart chart;
    private readonly Curve[] curves;
    private readonly (double Value, string Name)? limit;
    private readonly ChartFrame frame;

    private LineChart(ReportChart chart, Curve[] curves)
    {
        (this.chart, this.curves) = (chart, curves);
        if (chart.Limit is { } line && double.IsFinite(line.Value) && (!chart.Logarithmic || line.Value > 0)) limit = line;
        frame = Frame();
    }

    /// <summary>The chart's title and height, and where its first curve ends.</summary>
    public (string Title, int Height, string End) Head => (chart.Title, chart.Size.Height, Figures.WithUnit(curves[0].End, chart.Unit));

    // What the label of the first point is for; null: there is none.
    private double? AtZero => chart.AtZero.Length > 0 && curves[0].Points[0] is (0, double value) ? value : null;

    /// <summary>The chart; null where there is nothing to draw.</summary>
    public static LineChart? Of(ReportChart chart)
    {
        Curve[] curves = [.. chart.Series.Take(MostSeries)
            .Select(series => new Curve(series, chart.Logarithmic)).Where(curve => curve.Points.Length > 0)];
        return curves.Length == 0 ? null : new LineChart(chart, curves);
    }

    /// <summary>A drawing on a page, and the numbers beside it for the pointer.</summary>
    public static void Write(HtmlText page, ReportChart chart) => Of(chart)?.Write(page);

    /// <summary>The drawing without the element around it.</summary>
    public void Draw(HtmlText page)
    {
        frame.Grid(page, chart.HorizontalTitle);
        if (limit is { } line) Limit(page, line, curves[0].End < line.Value);
        for (int i = 0; i < curves.Length; i++) curves[i].Write(page, frame, chart.FirstColor + i);
        if (AtZero is not double start) return;
        string text = $"{chart.AtZero}: {Figures.WithUnit(start, chart.Unit)}";
        page.Line($"""<text class="halo" x="{frame.X(0) + 8:F1}" y="{frame.Y(start) + 16:F1}">{text}</text>""");
    }

    private void Write(HtmlText page)
    {
        page.Line($"""<figure class="card line"><figcaption><h3>{chart.Title}</h3>""");
        Legend(page);
        page.Raw("</figcaption>");
        IEnumerable<string> ends = curves.Select(curve => $"{curve.Name} {Figures.WithUnit(curve.End, chart.Unit)} at the end");
        ChartFrame.Open(page, chart.Size.Height, $"{chart.Title}: {string.Join("; ", ends)}");
        Draw(page);
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

    private ChartFrame Frame()
    {
        IEnumerable<double> values = curves.SelectMany(curve => curve.Points).Select(point => point.Value);
        if (limit is { } line) values = values.Append(line.Value);
        double least = values.Min(), most = values.Max();
        // Room below for the first point's label.
        if (AtZero is not null) least -= 0.18 * (most - least);
        (double first, double last) = chart.Steps
            ?? (curves.Min(curve => curve.Points[0].Step), curves.Max(curve => curve.Points[^1].Step));
        // A run is shown from its start, unless only a late part of it is known.
        if (first > 0 && (first < 0.2 * last || first == last)) first = 0;
        int ticks = ChartFrame.TicksFor(chart.Size.Height);
        Axis vertical = chart.Logarithmic ? Axis.Decades(least, most, ticks) : Axis.Rounded(least, most, ticks, chart.Bounds);
        // Steps and dimensions are whole.
        return new ChartFrame(Axis.Exact(first, last, 5, whole: true), vertical, chart.Size.Width, chart.Size.Height);
    }

    private void Legend(HtmlText page)
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
    private void Limit(HtmlText page, (double Value, string Name) line, bool endsBelow)
    {
        double y = frame.Y(line.Value);
        bool above = endsBelow && y > ChartFrame.Top + 20;
        page.Line($"""<line class="limit" x1="{ChartFrame.Left}" y1="{y:F1}" x2="{frame.Right}" y2="{y:F1}"/>""");
        string text = $"{Figures.Cut(line.Name, LongestName)} = {Figures.WithUnit(line.Value, Figures.Cut(chart.Unit, LongestUnit))}";
        page.Line($"""<text class="end halo" x="{frame.Right - 2}" y="{y + (above ? -6 : 15):F1}">{text}</text>""");
    }

    // Six digits are more than anybody reads, and half the bytes.
    private static double Rounded(double value)
        => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
