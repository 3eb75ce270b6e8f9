using System.Text;

namespace Pretrain;

/// <summary>A run's curves as one SVG image, one panel below the other. It follows the reader's light or dark scheme.</summary>
internal sealed class CurveImage
{
    /// <summary>The file in a run's folder.</summary>
    public const string Name = "curve.svg";

    private const int Width = 760, Left = 62, PlotWidth = 620, Top = 62, Gap = 84, Foot = 58, MostDots = 40;

    // Plain colors twice instead of CSS variables, which many viewers outside browsers do not know.
    private const string Style = """
        <style>
          text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #5f6c7b; }
          .title { font-size: 14px; font-weight: 600; fill: #1f2933; } .ground { fill: #ffffff; } .grid { stroke: #e3e8ee; }
          .limit { stroke: #5f6c7b; stroke-width: 1.25; stroke-dasharray: 5 4; }
          polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
          polyline.loss { stroke: #c2410c; } polyline.knn { stroke: #0b6bcb; } polyline.rate { stroke: #5f6c7b; }
          circle { fill: #0b6bcb; stroke: #ffffff; stroke-width: 1.5; }
          .value { font-size: 13px; font-weight: 600; } .value.loss { fill: #c2410c; } .value.knn { fill: #0b6bcb; }
          .note { stroke: #ffffff; stroke-width: 4; paint-order: stroke; } .end { text-anchor: end; } .middle { text-anchor: middle; }
          @media (prefers-color-scheme: dark) {
            text { fill: #9aa7b4; } .title { fill: #e6ebf0; } .ground { fill: #12171d; } .grid { stroke: #2b343e; }
            .limit { stroke: #9aa7b4; }
            polyline.loss { stroke: #fb923c; } polyline.knn { stroke: #60a5fa; } polyline.rate { stroke: #9aa7b4; }
            circle { fill: #60a5fa; stroke: #12171d; } .note { stroke: #12171d; }
            .value.loss { fill: #fb923c; } .value.knn { fill: #60a5fa; }
          }
        </style>
        """;

    private readonly StringBuilder svg = new();
    private readonly Axis steps;

    private CurveImage(double last) => steps = new Axis(0, last, 6, whole: false);

    /// <summary>Writes the image; nothing where nothing was measured.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The run's metrics.</param>
    /// <param name="chanceLoss">ln(K+1), the loss of guessing.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="looked">The quick look, and what it looked at; null: there was none.</param>
    /// <param name="knnPixels">The quick look at raw pixels, percent; null: none.</param>
    public static void Write(
        RunFolder run, IReadOnlyList<MetricsRow> rows, double chanceLoss, int stepsPerEpoch, string? looked, double? knnPixels = null)
    {
        Panel[] panels =
        [
            new("InfoNCE loss", "loss", "F2", "", 170, Points(rows, MetricNames.Loss, 1), (chanceLoss, "guessing: ln(K+1) = ")),
            new($"kNN accuracy, {looked ?? "quick look"}", "knn", "F1", " %", 170, Points(rows, MetricNames.Knn, 100),
                knnPixels is double pixels ? (pixels, "raw pixels: ") : null),
            new("Learning rate", "rate", "", "", 70, Points(rows, MetricNames.LearningRate, 1), null),
        ];
        panels = [.. panels.Where(panel => panel.Points.Length > 0)];
        if (panels.Length == 0) return;
        double last = Math.Max(1, panels.Max(panel => panel.Points[^1].Step));
        OutputFile.Replace(Path.Combine(run.Root, Name), new CurveImage(last).Draw(panels, stepsPerEpoch));
    }

    private static Point[] Points(IReadOnlyList<MetricsRow> rows, string name, double factor) =>
        [.. rows.Select(row => new Point(row.Step, factor * row.Values.GetValueOrDefault(name, double.NaN)))
            .Where(point => double.IsFinite(point.Value))];

    private string Draw(Panel[] panels, int stepsPerEpoch)
    {
        int height = Top + panels.Sum(panel => panel.Height) + Gap * (panels.Length - 1) + Foot, top = Top;
        const string Described = "Loss, kNN accuracy and learning rate over training steps";
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" """);
        Line($"""  role="img" aria-label="{Described}">""");
        Line($"{Style}");
        Line($"""<rect class="ground" width="{Width}" height="{height}" rx="8"/>""");
        foreach (Panel panel in panels)
        {
            Draw(panel, top);
            top += panel.Height + Gap;
        }
        Line($"""<text class="middle" x="{Left + PlotWidth / 2}" y="{height - 16}">training step ({stepsPerEpoch} are an epoch)</text>""");
        Line($"</svg>");
        return svg.ToString();
    }

    private void Draw(Panel panel, int top)
    {
        (string title, string kind, string format, string unit, int height, Point[] points, (double Value, string Name)? limit) = panel;
        IEnumerable<double> values = points.Select(point => point.Value);
        if (limit is { } drawn) values = values.Append(drawn.Value);
        if (kind == "rate") values = values.Append(0);
        double least = values.Min(), most = values.Max();
        // Room below for the first point's label.
        if (kind == "knn") least -= 0.18 * Math.Max(1, most - least);
        Axis axis = new(least, most, height / 30, whole: true);
        Line($"""<text class="title" x="{Left}" y="{top - 24}">{title}</text>""");
        foreach (double tick in axis.Ticks)
        {
            Line($"""<line class="grid" x1="{Left}" y1="{Y(tick):F1}" x2="{Left + PlotWidth}" y2="{Y(tick):F1}"/>""");
            Line($"""<text class="end" x="{Left - 8}" y="{Y(tick) + 4:F1}">{axis.Label(tick)}{unit}</text>""");
        }
        foreach (double tick in steps.Ticks)
            Line($"""<text class="middle" x="{X(tick):F1}" y="{top + height + 20}">{tick:N0}</text>""");
        Point first = points[0], last = points[^1];
        if (limit is { } line)
        {
            // The label stands at the right, on the side that the end of the curve leaves free.
            double y = Y(line.Value), label = y + (last.Value < line.Value ? -6 : 16);
            Line($"""<line class="limit" x1="{Left}" y1="{y:F1}" x2="{Left + PlotWidth}" y2="{y:F1}"/>""");
            Line($"""<text class="note end" x="{Left + PlotWidth - 4}" y="{label:F1}">{line.Name}{Number(line.Value)}</text>""");
        }
        string path = string.Join(' ', points.Select(point => FormattableString.Invariant($"{X(point.Step):F1},{Y(point.Value):F1}")));
        Line($"""<polyline class="{kind}" points="{path}"/>""");
        if (kind == "rate") return;
        if (kind == "knn" && points.Length <= MostDots)
            foreach (Point point in points) Line($"""<circle cx="{X(point.Step):F1}" cy="{Y(point.Value):F1}" r="4"/>""");
        if (first.Step == 0)
            Line($"""<text class="note" x="{Left + 10}" y="{Y(first.Value) + 17:F1}">untrained: {Number(first.Value)}</text>""");
        if (last.Step > 0)
            Line($"""<text class="value {kind}" x="{X(last.Step) + 10:F1}" y="{Y(last.Value) + 4.5:F1}">{Number(last.Value)}</text>""");

        double Y(double value) => top + height * (1 - axis.Share(value));

        string Number(double value) => value.ToString(format, CultureInfo.InvariantCulture) + unit;
    }

    private double X(double step) => Left + PlotWidth * steps.Share(step);

    private void Line(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private readonly record struct Point(double Step, double Value);

    private sealed record Panel(
        string Title, string Kind, string Format, string Unit, int Height, Point[] Points, (double Value, string Name)? Limit);

    /// <summary>An axis with ticks at round numbers.</summary>
    private sealed class Axis
    {
        private readonly double least, most, distance;

        /// <param name="least">The least value.</param>
        /// <param name="most">The largest value.</param>
        /// <param name="count">About how many ticks.</param>
        /// <param name="whole">Whether the axis begins and ends at ticks, else at the values.</param>
        public Axis(double least, double most, int count, bool whole)
        {
            double rough = Math.Max(most - least, 1e-6) / count, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            distance = new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power).First(step => step >= rough * 0.999);
            this.least = whole ? Math.Floor(least / distance) * distance : least;
            this.most = whole ? Math.Ceiling(most / distance) * distance : most;
        }
        public IEnumerable<double> Ticks =>
            Enumerable.Range(0, 1 + (int)((most - least) / distance + 1e-6)).Select(i => least + i * distance);

        /// <summary>Where a value lies on the axis, 0–1.</summary>
        public double Share(double value) => (value - least) / (most - least);

        public string Label(double value)
        {
            int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(distance) + 1e-9));
            if (Math.Abs(distance * Math.Pow(10, digits) % 1) is > 1e-6 and < 1 - 1e-6) digits++;
            return value.ToString($"F{digits}", CultureInfo.InvariantCulture);
        }
    }
}
