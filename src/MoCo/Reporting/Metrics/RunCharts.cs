using static MoCo.Reporting.MetricsRow;

namespace MoCo.Reporting.Metrics;

/// <summary>The usual charts of a run, from its metrics.</summary>
internal static class RunCharts
{
    /// <summary>A chart for each metric that is known and was written, and one for every other; of two values for a step the later
    /// counts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="chanceLoss">ln(K+1), the loss of guessing, or null.</param>
    /// <param name="knnPixels">kNN accuracy of raw pixels, 0–1, or null.</param>
    public static IReadOnlyList<ReportChart> From(IReadOnlyList<MetricsRow> rows, double? chanceLoss, double? knnPixels = null)
    {
        Curves curves = new(rows);
        List<ReportChart?> charts =
        [
            curves.LossChart(chanceLoss),
            curves.Chart("Contrast accuracy", "%", null, 100, (ContrastAccuracy, "contrast accuracy")),
            curves.KnnChart(knnPixels),
            curves.Chart("Mean cosine similarity", "", null, 1,
                (PositiveSimilarity, "with own key"), (NegativeSimilarity, "with the queue")),
            curves.Chart("Spread of the embeddings", "", null, 1, (Spread, "spread")),
            curves.RateChart(),
            curves.Chart("Images a second", "", null, 1, (ImagesPerSecond, "images a second")),
            curves.Chart("Time spent waiting for data", "%", null, 100, (WaitShare, "waiting")),
        ];
        foreach (string name in curves.Others([Epoch])) charts.Add(curves.Chart(name, "", null, 1, (name, name)));
        return [.. charts.OfType<ReportChart>()];
    }

    /// <summary>The loss, kNN accuracy and the learning rate.</summary>
    public static IReadOnlyList<ReportChart> Main(IReadOnlyList<MetricsRow> rows, double? chanceLoss, double? knnPixels)
    {
        Curves curves = new(rows);
        string epoch = rows.LastOrDefault(row => row.Values.GetValueOrDefault(Epoch) > 0) is { } row
            ? $" ({Math.Round(row.Step / row.Values[Epoch])} are an epoch)" : "";
        ReportChart?[] charts = [curves.LossChart(chanceLoss), curves.KnnChart(knnPixels), curves.RateChart()];
        return [.. charts.OfType<ReportChart>().Select(chart => chart with { HorizontalTitle = "training step" + epoch })];
    }

    private sealed class Curves
    {
        private readonly SortedDictionary<string, SortedDictionary<long, double>> byName = new(StringComparer.Ordinal);
        private readonly HashSet<string> used = [];

        public Curves(IReadOnlyList<MetricsRow> rows)
        {
            foreach (MetricsRow row in rows)
            {
                foreach ((string name, double value) in row.Values)
                {
                    if (!byName.TryGetValue(name, out SortedDictionary<long, double>? points)) byName[name] = points = [];
                    points[row.Step] = value;
                }
            }
        }

        public ReportChart? LossChart(double? chance) =>
            Chart("InfoNCE loss", "", chance is double loss ? (loss, "guessing: ln(K+1)") : null, 1, (Loss, "loss"));

        public ReportChart? KnnChart(double? pixels) =>
            Chart("kNN accuracy", "%", pixels is double share ? (100 * share, "raw pixels") : null, 100, (Knn, "kNN")) is { } chart
                ? chart with { AtZero = "untrained" } : null;

        public ReportChart? RateChart() => Chart("Learning rate", "", null, 1, (LearningRate, "learning rate"));

        public ReportChart? Chart(
            string title, string unit, (double Value, string Name)? limit, double factor, params (string Metric, string Name)[] metrics)
        {
            used.UnionWith(metrics.Select(metric => metric.Metric));
            List<(string, IReadOnlyList<(double, double)>)> series = [];
            foreach ((string metric, string name) in metrics)
                if (byName.TryGetValue(metric, out SortedDictionary<long, double>? points))
                    series.Add((name, [.. points.Select(point => ((double)point.Key, factor * point.Value))]));
            return series.Count == 0 ? null : new ReportChart { Title = title, Unit = unit, Limit = limit, Series = series };
        }

        public string[] Others(IEnumerable<string> hidden) => [.. byName.Keys.Except(used).Except(hidden)];
    }
}
