using System.Globalization;
using System.Text;
using MoCo.Reporting.Html;

namespace Quickstart;

/// <summary>The curve as an SVG image: the loss above, then kNN accuracy and the learning rate, over the same steps. Follows the reader's light or dark scheme.</summary>
internal sealed class CurveChart
{
    private const int Width = 760, Left = 62, Right = 78, PlotWidth = Width - Left - Right;
    private const int LossTop = 62, LossHeight = 170, KnnTop = 316, KnnHeight = 170, RateTop = 570, RateHeight = 70, Height = 698;

    // Plain colors twice instead of CSS variables, which many viewers outside browsers do not know.
    private const string Style = """
        <style>
          text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #5f6c7b; }
          .title { font-size: 14px; font-weight: 600; fill: #1f2933; }
          .ground { fill: #ffffff; }
          .grid { stroke: #e3e8ee; stroke-width: 1; }
          .limit { stroke: #5f6c7b; stroke-width: 1.25; stroke-dasharray: 5 4; }
          .loss, .knn, .rate { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
          .loss { stroke: #c2410c; }
          .knn { stroke: #0b6bcb; }
          .rate { stroke: #5f6c7b; }
          .dot { fill: #0b6bcb; stroke: #ffffff; stroke-width: 1.5; }
          .value { font-size: 13px; font-weight: 600; }
          .of-loss { fill: #c2410c; }
          .of-knn { fill: #0b6bcb; }
          .note { stroke: #ffffff; stroke-width: 4; paint-order: stroke; }
          .end { text-anchor: end; }
          .middle { text-anchor: middle; }
          @media (prefers-color-scheme: dark) {
            text { fill: #9aa7b4; }
            .title { fill: #e6ebf0; }
            .ground { fill: #12171d; }
            .grid { stroke: #2b343e; }
            .limit { stroke: #9aa7b4; }
            .loss { stroke: #fb923c; }
            .knn { stroke: #60a5fa; }
            .rate { stroke: #9aa7b4; }
            .dot { fill: #60a5fa; stroke: #12171d; }
            .note { stroke: #12171d; }
            .of-loss { fill: #fb923c; }
            .of-knn { fill: #60a5fa; }
          }
        </style>
        """;

    private readonly StringBuilder svg = new();
    private readonly CurvePoint[] losses;
    private readonly CurvePoint[] accuracies;
    private readonly Ticks steps;

    private CurveChart(Curve curve)
    {
        losses = [.. curve.Losses];
        accuracies = [.. curve.Accuracies];
        steps = Ticks.UpTo(Math.Max(1, curve.Points.Max(point => point.Step)), 6);
    }

    /// <summary>Writes the image.</summary>
    /// <param name="path">The SVG file.</param>
    /// <param name="curve">At least one point.</param>
    /// <param name="chanceLoss">ln(K+1), the loss of guessing.</param>
    /// <param name="knnPixels">Accuracy of raw pixels by the quick measurement, percent; null where none was made: then the loss stands alone.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public static void Write(string path, Curve curve, double chanceLoss, double? knnPixels, int stepsPerEpoch)
    {
        if (curve.Points.Count == 0) return;
        byte[] text = Encoding.UTF8.GetBytes(new CurveChart(curve).Draw(chanceLoss, knnPixels, stepsPerEpoch));
        WholeFile.Write(path, stream => stream.Write(text));
    }

    private string Draw(double chanceLoss, double? knnPixels, int stepsPerEpoch)
    {
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img" aria-label="Loss and kNN accuracy over training steps">""");
        Line($"{Style}");
        Line($"""<rect class="ground" width="{Width}" height="{Height}" rx="8"/>""");
        if (losses.Length > 0) DrawLoss(chanceLoss);
        if (knnPixels is double pixels && accuracies.Length > 0) DrawKnn(pixels);
        if (losses.Length > 0) DrawRate();
        Line($"""<text class="middle" x="{Left + PlotWidth / 2}" y="{Height - 16}">training step ({stepsPerEpoch} are an epoch)</text>""");
        Line($"</svg>");
        return svg.ToString();
    }

    private void DrawLoss(double chance)
    {
        Ticks axis = Ticks.From(Math.Min(chance, losses.Min(point => point.Loss!.Value)), Math.Max(chance, losses.Max(point => point.Loss!.Value)), 5);
        Panel("InfoNCE loss", LossTop, LossHeight, axis, "");
        Limit(Y(chance, axis, LossTop, LossHeight), $"guessing: ln(K+1) = {chance:F2}", above: losses[^1].Loss < chance);
        Line($"""<polyline class="loss" points="{Path(losses, point => point.Loss!.Value, axis, LossTop, LossHeight)}"/>""");
        Value("of-loss", losses[^1].Step, Y(losses[^1].Loss!.Value, axis, LossTop, LossHeight), $"{losses[^1].Loss:F2}");
    }

    private void DrawKnn(double pixels)
    {
        double least = Math.Min(pixels, accuracies.Min(point => point.Knn!.Value)), most = Math.Max(pixels, accuracies.Max(point => point.Knn!.Value));
        // Room below for the first point's label.
        Ticks axis = Ticks.From(least - 0.18 * Math.Max(1, most - least), most, 5);
        Panel("kNN accuracy, quick measurement", KnnTop, KnnHeight, axis, " %");
        Limit(Y(pixels, axis, KnnTop, KnnHeight), $"raw pixels: {pixels:F1} %", above: accuracies[^1].Knn < pixels);
        Line($"""<polyline class="knn" points="{Path(accuracies, point => point.Knn!.Value, axis, KnnTop, KnnHeight)}"/>""");
        foreach (CurvePoint point in accuracies)
            Line($"""<circle class="dot" cx="{X(point.Step):F1}" cy="{Y(point.Knn!.Value, axis, KnnTop, KnnHeight):F1}" r="4"/>""");
        CurvePoint first = accuracies[0], last = accuracies[^1];
        if (first.Step == 0) Line($"""<text class="note" x="{Left + 10}" y="{Y(first.Knn!.Value, axis, KnnTop, KnnHeight) + 17:F1}">untrained: {first.Knn:F1} %</text>""");
        if (last.Step > 0) Value("of-knn", last.Step, Y(last.Knn!.Value, axis, KnnTop, KnnHeight), $"{last.Knn:F1} %");
    }

    private void DrawRate()
    {
        CurvePoint[] rates = [.. losses.Where(point => point.LearningRate is not null)];
        if (rates.Length == 0) return;
        Ticks axis = Ticks.From(0, rates.Max(point => point.LearningRate!.Value), 3);
        Panel("Learning rate", RateTop, RateHeight, axis, "");
        Line($"""<polyline class="rate" points="{Path(rates, point => point.LearningRate!.Value, axis, RateTop, RateHeight)}"/>""");
    }

    private void Panel(string title, int top, int height, Ticks axis, string unit)
    {
        Line($"""<text class="title" x="{Left}" y="{top - 24}">{title}</text>""");
        foreach (double tick in axis.Values)
        {
            double y = Y(tick, axis, top, height);
            Line($"""<line class="grid" x1="{Left}" y1="{y:F1}" x2="{Left + PlotWidth}" y2="{y:F1}"/>""");
            Line($"""<text class="end" x="{Left - 8}" y="{y + 4:F1}">{axis.Label(tick)}{unit}</text>""");
        }
        foreach (double tick in steps.Values)
            Line($"""<text class="middle" x="{X(tick):F1}" y="{top + height + 20}">{tick:N0}</text>""");
    }

    // The label stands at the right, on the side that the end of the curve leaves free.
    private void Limit(double y, FormattableString label, bool above)
    {
        Line($"""<line class="limit" x1="{Left}" y1="{y:F1}" x2="{Left + PlotWidth}" y2="{y:F1}"/>""");
        Line($"""<text class="note end" x="{Left + PlotWidth - 4}" y="{y + (above ? -6 : 16):F1}">{label.ToString(CultureInfo.InvariantCulture)}</text>""");
    }

    private void Value(string kind, long step, double y, string text) =>
        Line($"""<text class="value {kind}" x="{X(step) + 10:F1}" y="{y + 4.5:F1}">{text}</text>""");

    private string Path(CurvePoint[] points, Func<CurvePoint, double> value, Ticks axis, int top, int height) =>
        string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Step):F1},{Y(value(point), axis, top, height):F1}")));

    private double X(double step) => Left + PlotWidth * steps.Share(step);

    private static double Y(double value, Ticks axis, int top, int height) => top + height * (1 - axis.Share(value));

    private void Line(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
