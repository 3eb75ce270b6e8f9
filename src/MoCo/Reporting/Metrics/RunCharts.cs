using static MoCo.Reporting.MetricsRow;

namespace MoCo.Reporting.Metrics;

/// <summary>The usual charts of a run, from its metrics.</summary>
internal static class RunCharts
{
    private static readonly Scale Share = new("%", 100, 0, 100), Cosine = new("", 1, -1, 1), Any = new("", 1, double.NegativeInfinity);

    /// <summary>A chart for each metric that is known and was written, and one for every other; of two values for a step the later
    /// counts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="chanceLoss">The loss of guessing, or null.</param>
    /// <param name="knnPixels">kNN accuracy of raw pixels, 0–1, or null.</param>
    public static IReadOnlyList<ReportChart> From(IReadOnlyList<MetricsRow> rows, double? chanceLoss, double? knnPixels = null)
    {
        Curves curves = new(rows);
        List<ReportChart?> charts =
        [
            curves.LossChart(chanceLoss),
            curves.Chart("Contrast accuracy", Share, (ContrastAccuracy, "contrast accuracy")),
            curves.KnnChart(knnPixels),
            curves.Chart("Online probe accuracy", Share, (Probe, "test images"), (ProbeBatches, "batches that it has yet to learn from")),
            curves.Chart("Mean cosine similarity", Cosine, (PositiveSimilarity, "with own key"), (NegativeSimilarity, "with the queue")),
            curves.Chart("Spread of the embeddings", Amount(""), (Spread, "mean of an epoch"), (Deviation, "mean dimension"),
                (LeastDeviation, "least dimension")),
            curves.Chart("Effective rank, of what can be", Share, (RankShare, "embeddings"), (FeatureRankShare, "features")),
            curves.Chart("Alignment and uniformity", new Scale("", 1, -8, 4), (Alignment, "alignment"), (Uniformity, "uniformity")),
            curves.Chart("Keys of the query's class", Share, (FalseNegatives, "of all keys"), (NearFalseNegatives, "of the nearest")),
            curves.RateChart(),
            curves.Chart("Gradient norm", Amount(""), (GradientNorm, "before clipping")),
            curves.Chart("Steps left out", Amount(""), (SkippedSteps, "so far")),
            curves.Chart("Images a second", Amount("/s"), (ImagesPerSecond, "images a second")),
            curves.Chart("Time spent waiting for data", Share, (WaitShare, "waiting")),
            curves.Chart("Time of an epoch", Amount("s"), (EpochSeconds, "an epoch")),
        ];
        foreach (string name in curves.Others([Epoch, Rank, FeatureRank])) charts.Add(curves.Chart(Title(name), Any, (name, Title(name))));
        return [.. charts.OfType<ReportChart>()];
    }

    /// <summary>The loss, kNN accuracy and the learning rate.</summary>
    public static IReadOnlyList<ReportChart> Main(IReadOnlyList<MetricsRow> rows, double? chanceLoss, double? knnPixels)
    {
        Curves curves = new(rows);
        string epoch = rows.LastOrDefault(row => row.Values.GetValueOrDefault(Epoch) > 0) is { } row
            ? Invariant($" ({Math.Round(row.Step / row.Values[Epoch])} are an epoch)") : "";
        ReportChart?[] charts = [curves.LossChart(chanceLoss), curves.KnnChart(knnPixels), curves.RateChart()];
        return [.. charts.OfType<ReportChart>().Select(chart => chart with { HorizontalTitle = "training step" + epoch })];
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

        public ReportChart? LossChart(double? chance) =>
            Chart("InfoNCE loss", Amount("nats"), (Loss, "of a step"), (EpochLoss, "mean of an epoch")) is { } chart
                ? chart with { Limit = chance is double loss ? (loss, "guessing") : null } : null;

        public ReportChart? KnnChart(double? pixels) => Chart("kNN accuracy", Share, (Knn, "kNN")) is { } chart
            ? chart with { AtZero = "untrained", Limit = pixels is double share ? (100 * share, "raw pixels") : null } : null;

        public ReportChart? RateChart() => Chart("Learning rate", Amount(""), (LearningRate, "learning rate"));

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
