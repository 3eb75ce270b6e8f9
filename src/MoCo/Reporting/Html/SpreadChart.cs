namespace MoCo.Reporting.Html;

/// <summary>Means with bars of one standard deviation to either side, and the repetitions as small points beside them.</summary>
internal sealed class SpreadChart
{
    private const int Width = 800, Left = 56, Right = Width - 14, Top = 12, Ground = 250, OthersGround = 170, LineHeight = 15;
    private const int MostSeries = 6, LongestName = 44, WidestStep = 26, LetterWidth = 7;

    private readonly ComparisonChart chart;
    private readonly Point?[][] points;
    private readonly Axis axis;
    private readonly int bottom;

    private SpreadChart(ComparisonChart chart, double[] values, Point?[][] points)
    {
        (this.chart, this.points, bottom) = (chart, points, chart.IsOfOthers ? OthersGround : Ground);
        int ticks = (bottom - Top) / 38;
        axis = chart.Logarithmic ? Axis.Decades(values.Min(), values.Max(), ticks)
            : Axis.Rounded(values.Min(), values.Max(), ticks, chart.Bounds);
    }

    /// <exception cref="ArgumentException">A series has other than one entry for each place.</exception>
    public static void Write(HtmlText page, ComparisonChart chart)
    {
        foreach ((string name, IReadOnlyList<IReadOnlyList<double>?> points) in chart.Series)
            if (points.Count != chart.Places.Count)
                throw new ArgumentException($"'{name}' has {points.Count} points; expected one for each of {chart.Places.Count} places.");
        Point?[][] drawn = [.. chart.Series.Select(series => series.Values.Select(Point.Of).ToArray())];
        double[] values = [.. drawn.SelectMany(points => points).OfType<Point>()
            .SelectMany(point => (double[])[point.Mean - point.Deviation, point.Mean + point.Deviation, .. point.Values])
            .Concat(chart.Limits.Select(limit => limit.Value)).Where(value => double.IsFinite(value) && (value > 0 || !chart.Logarithmic))];
        if (values.Length > 0) new SpreadChart(chart, values, drawn).Write(page);
    }

    private double Slot => (double)(Right - Left) / chart.Places.Count;

    private void Write(HtmlText page)
    {
        string[][] labels = [.. chart.Places.Select(place => Wrapped(place, (int)(Slot / LetterWidth)))];
        int foot = 8 + LineHeight * labels.Max(lines => lines.Length), title = chart.HorizontalTitle.Length > 0 ? LineHeight + 4 : 0;
        page.Line($"""<figure class="card{(chart.IsOfOthers ? " others" : "")}"><figcaption><h3>{chart.Title}</h3>""");
        if (chart.Series.Count > 1) Legend(page);
        page.Raw("</figcaption>");
        page.Line($"""<svg viewBox="0 0 {Width} {bottom + foot + title}" role="img" aria-label="{chart.Title}">""");
        foreach (double tick in axis.Ticks)
        {
            page.Line($"""<line class="grid" x1="{Left}" y1="{Y(tick):F1}" x2="{Right}" y2="{Y(tick):F1}"/>""");
            page.Line($"""<text class="end" x="{Left - 6}" y="{Y(tick) + 4:F1}">{axis.Label(tick)}</text>""");
        }
        for (int i = 0; i < labels.Length; i++)
            for (int line = 0; line < labels[i].Length; line++)
                page.Line($"""<text class="middle" x="{X(i):F1}" y="{bottom + LineHeight * (line + 1)}">{labels[i][line]}</text>""");
        if (title > 0)
            page.Line($"""<text class="middle" x="{(Left + Right) / 2}" y="{bottom + foot + title - 4}">{chart.HorizontalTitle}</text>""");
        foreach ((double value, _) in chart.Limits.Where(limit => IsDrawn(limit.Value)))
            page.Line($"""<line class="limit" x1="{Left}" y1="{Y(value):F1}" x2="{Right}" y2="{Y(value):F1}"/>""");
        for (int i = 0; i < Math.Min(chart.Series.Count, MostSeries); i++) Series(page, i);
        LimitNames(page);
        page.Raw("</svg></figure>");
    }

    private void Legend(HtmlText page)
    {
        page.Raw("""<p class="legend">""");
        for (int i = 0; i < Math.Min(chart.Series.Count, MostSeries); i++)
            page.Line($"""<span><i class="s{i}"></i>{chart.Series[i].Name}</span>""");
        page.Raw("</p>");
    }

    // From the highest down, each label above its line, or below where the one above is near.
    private void LimitNames(HtmlText page)
    {
        double before = double.NegativeInfinity;
        foreach ((double value, string name) in chart.Limits.Where(limit => IsDrawn(limit.Value)).OrderByDescending(limit => limit.Value))
        {
            double y = Y(value), at = y - 5 - before < LineHeight || y - 5 < Top + 8 ? y + 13 : y - 5;
            string text = $"{Figures.Cut(name, LongestName)}: {Figures.WithUnit(value, chart.Unit)}";
            page.Line($"""<text class="end halo" x="{Right}" y="{at:F1}">{text}</text>""");
            before = at;
        }
    }

    private void Series(HtmlText page, int number)
    {
        (string name, Point?[] own) = (chart.Series[number].Name, points[number]);
        int count = Math.Min(chart.Series.Count, MostSeries);
        double shift = (number - (count - 1) / 2.0) * Math.Min(WidestStep, Slot / (count + 1));
        page.Line($"""<g class="s{number}">""");
        IEnumerable<string> course = Enumerable.Range(0, own.Length).Where(i => own[i] is { } point && IsDrawn(point.Mean))
            .Select(i => Invariant($"{X(i) + shift:F1},{Y(own[i]!.Value.Mean):F1}"));
        if (chart.IsOrdered) page.Line($"""<polyline class="curve raw" points="{string.Join(' ', course)}"/>""");
        for (int i = 0; i < own.Length; i++)
            if (own[i] is { } point) Draw(page, X(i) + shift, point, count > 1 ? $"{name}, {chart.Places[i]}" : chart.Places[i]);
        page.Raw("</g>");
    }

    private void Draw(HtmlText page, double x, Point point, string name)
    {
        (double mean, double deviation, IReadOnlyList<double> values) = point;
        if (!IsDrawn(mean))
        {
            page.Line($"""<path class="curve" d="M{x - 4:F1},{bottom - 12}l8,8m0,-8l-8,8"><title>{name}: no figure</title></path>""");
            return;
        }
        string spread = deviation > 0 ? $" ± {Figures.Short(deviation)}" : "";
        page.Line($"""<g><title>{name}: {Figures.WithUnit(mean, chart.Unit)}{spread}</title>""");
        if (deviation > 0 && IsDrawn(mean - deviation))
        {
            (double low, double high) = (Y(mean - deviation), Y(mean + deviation));
            page.Line($"""<path class="curve" d="M{x:F1},{low:F1}V{high:F1}M{x - 5:F1},{low:F1}h10M{x - 5:F1},{high:F1}h10"/>""");
        }
        if (values.Count > 1)
            foreach (double value in values.Where(IsDrawn))
                page.Line($"""<circle class="area" cx="{x + 9:F1}" cy="{Y(value):F1}" r="2.5"/>""");
        page.Line($"""<circle class="dot" cx="{x:F1}" cy="{Y(mean):F1}" r="4"/></g>""");
    }

    private double X(int place) => Left + Slot * (place + 0.5);

    private double Y(double value) => bottom - (bottom - Top) * Math.Clamp(axis.Share(value), 0, 1);

    private bool IsDrawn(double value) => double.IsFinite(value) && (value > 0 || !chart.Logarithmic);

    /// <summary>A name in lines of so many letters, at its spaces; a longer word is cut.</summary>
    private static string[] Wrapped(string name, int letters)
    {
        List<string> lines = [];
        foreach (string word in name.Split(' ').Select(word => Figures.Cut(word, Math.Max(2, letters))))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= letters) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return [.. lines];
    }

    /// <summary>What repetitions of a run came to; their values are drawn where there are several.</summary>
    private readonly record struct Point(double Mean, double Deviation, IReadOnlyList<double> Values)
    {
        public static Point? Of(IReadOnlyList<double>? values)
        {
            if (values is not { Count: > 0 }) return null;
            double mean = values.Average();
            double squares = values.Sum(value => Math.Pow(value - mean, 2));
            return new(mean, values.Count < 2 ? 0 : Math.Sqrt(squares / (values.Count - 1)), values);
        }
    }
}
