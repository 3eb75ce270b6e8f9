using static MoCo.Reporting.MetricsRow;

namespace MoCo.Reporting.Metrics;

/// <summary>The usual charts of a run, from its metrics.</summary>
internal static class RunCharts
{
    /// <summary>A chart for each metric that is known and was written, and one for every other; of two values for a step the later
    /// counts.</summary>
    public static IReadOnlyList<ReportChart> From(IReadOnlyList<MetricsRow> rows, double? chanceLoss)
    {
        Curves curves = new(rows);
        List<ReportChart?> charts =
        [
            curves.Chart("InfoNCE loss", "", chanceLoss is double chance ? (chance, "guessing: ln(K+1)") : null, 1, (Loss, "loss")),
            curves.Chart("Contrast accuracy", "%", null, 100, (ContrastAccuracy, "contrast accuracy")),
            curves.Chart("kNN accuracy", "%", null, 100, (Knn, "kNN")),
            curves.Chart("Mean cosine similarity", "", null, 1,
                (PositiveSimilarity, "with own key"), (NegativeSimilarity, "with the queue")),
            curves.Chart("Spread of the embeddings", "", null, 1, (Spread, "spread")),
            curves.Chart("Learning rate", "", null, 1, (LearningRate, "learning rate")),
            curves.Chart("Images a second", "", null, 1, (ImagesPerSecond, "images a second")),
            curves.Chart("Time spent waiting for data", "%", null, 100, (WaitShare, "waiting")),
        ];
        foreach (string name in curves.Others([Epoch])) charts.Add(curves.Chart(name, "", null, 1, (name, name)));
        return [.. charts.OfType<ReportChart>()];
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
