using static MoCo.Reporting.MetricNames;

namespace MoCo.Reporting.Metrics;

/// <summary>The usual charts of a run, from its metrics.</summary>
internal static class RunCharts
{
    private static readonly Scale Share = new("%", 100, 0, 100), Cosine = new("", 1, -1, 1), Any = new("", 1, double.NegativeInfinity);

    /// <summary>Makes charts of the loss against ln(K+1), contrast accuracy, kNN, similarities, spread, learning rate, images a second,
    /// waiting share and the time of an epoch, then one for every other metric. Metrics that were never written get none; of two values for
    /// a step the later counts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="chanceLoss">ln(K+1), the loss of guessing, or null.</param>
    public static IReadOnlyList<ReportChart> From(IReadOnlyList<MetricsRow> rows, double? chanceLoss)
    {
        Curves curves = new(rows);
        List<ReportChart?> charts =
        [
            curves.Chart("InfoNCE loss", Amount("nats"), (Loss, "of a step"), (EpochLoss, "mean of an epoch")) is { } loss
                ? loss with { Limit = chanceLoss is double chance ? (chance, "guessing: ln(K+1)") : null } : null,
            curves.Chart("Contrast accuracy", Share, (ContrastAccuracy, "contrast accuracy")),
            curves.Chart("kNN accuracy", Share, (Knn, "kNN")),
            curves.Chart("Mean cosine similarity", Cosine, (PositiveSimilarity, "with own key"), (NegativeSimilarity, "with the queue")),
            curves.Chart("Spread of the embeddings", Amount(""), (Spread, "spread")),
            curves.Chart("Learning rate", Amount(""), (LearningRate, "learning rate")),
            curves.Chart("Images a second", Amount("/s"), (ImagesPerSecond, "images a second")),
            curves.Chart("Time spent waiting for data", Share, (WaitShare, "waiting")),
            curves.Chart("Time of an epoch", Amount("s"), (EpochSeconds, "an epoch")),
        ];
        foreach (string name in curves.Others([Epoch])) charts.Add(curves.Chart(Title(name), Any, (name, Title(name))));
        return [.. charts.OfType<ReportChart>()];
    }

    private static Scale Amount(string unit) => new(unit, 1, 0);

    /// <summary>A metric that is not known as a person would write it: <c>my_own</c> → <c>My own</c>.</summary>
    private static string Title(string name) =>
        name.Replace('_', ' ') is { Length: > 0 } words ? char.ToUpperInvariant(words[0]) + words[1..] : name;

    /// <summary>How a metric is shown.</summary>
    /// <param name="Unit">What stands behind the figures.</param>
    /// <param name="Factor">From the metric to the unit.</param>
    /// <param name="Least">The least that there can be, in the unit.</param>
    /// <param name="Most">The most.</param>
    private sealed record Scale(string Unit, double Factor, double Least, double Most = double.PositiveInfinity);

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
        public ReportChart? Chart(string title, Scale scale, params (string Metric, string Name)[] metrics)
        {
            used.UnionWith(metrics.Select(metric => metric.Metric));
            List<(string, IReadOnlyList<(double, double)>)> series = [];
            foreach ((string metric, string name) in metrics)
                if (byName.TryGetValue(metric, out SortedDictionary<long, double>? points))
                    series.Add((name, [.. points.Select(point => ((double)point.Key, scale.Factor * point.Value))]));
            return series.Count == 0 ? null
                : new ReportChart { Title = title, Unit = scale.Unit, Series = series, Bounds = (scale.Least, scale.Most) };
        }
        public string[] Others(IEnumerable<string> hidden) => [.. byName.Keys.Except(used).Except(hidden)];
    }
}
