using MoCo.Evaluation.Diagnostics;
using Spectre.Console;

namespace Evaluate.Diagnostics;

/// <summary>Reports of embeddings as a table, as JSON and as rows.</summary>
internal static class DiagnosticsView
{
    private static readonly (string Name, string Explained, Func<EmbeddingReport, double> Of)[] Figures =
    [
        ("alignment", "mean squared distance of two views, 0 the same … 4", report => report.Alignment ?? double.NaN),
        ("uniformity", "at most 0; evenly spread comes near -4", report => report.Uniformity),
        ("effective_rank", "dimensions in use", report => report.EffectiveRank),
        ("rank_me", "the same of the embeddings themselves, their mean included", report => report.RankMe),
        ("lidar", "directions that tell images apart beside what augmentation changes", report => report.Lidar ?? double.NaN),
        ("dimensions", "dimensions there are", report => report.SingularValues.Count),
        ("dimensions_for_90_percent", "largest singular values that make up 90 % of their sum", report => ForShare(report, 0.9)),
        ("positive_similarity", "mean cosine of two views of an image", report => report.PositiveSimilarities?.Mean ?? double.NaN),
        ("negative_similarity", "mean cosine of different images", report => report.NegativeSimilarities.Mean),
        ("mean_deviation", "mean standard deviation of a dimension, at most 1/√D", report => report.Deviation.Average()),
    ];

    public static void Show(IReadOnlyList<(string Name, EmbeddingReport Report)> reports)
    {
        string title = $"{reports[0].Report.Count:N0} images, two views each";
        Table table = Screen.Table(title, "figure", [.. reports.Select(report => report.Name)]).AddColumn("meaning");
        foreach ((string name, string explained, Func<EmbeddingReport, double> of) in Figures)
            table.Row([name.Replace('_', ' '), .. reports.Select(report => Number(of(report.Report))), explained]);
        Screen.Show(table);
        foreach ((string name, EmbeddingReport report) in reports)
        {
            string bars = $"positives {Bars(report.PositiveSimilarities)} negatives {Bars(report.NegativeSimilarities)}";
            Screen.Say($"{name}, similarities from -1 to 1: {bars}");
            foreach ((FindingKind kind, string text) in Findings(name, report))
                if (kind != FindingKind.Good) Screen.Say(text);
        }
    }

    /// <summary>What the figures of an output mean, in plain words.</summary>
    public static IEnumerable<(FindingKind Kind, string Text)> Findings(string name, EmbeddingReport report)
    {
        const double LeastShareOfDimensions = 0.05, LeastGap = 0.05;
        const int FewestImages = 30;
        // N images show at most N − 1 dimensions; of a few, nothing is said.
        int dimensions = Math.Min(report.SingularValues.Count, report.Count - 1);
        if (report.Count >= FewestImages)
        {
            yield return Finding(
                report.EffectiveRank >= LeastShareOfDimensions * dimensions,
                $"{report.EffectiveRank:F1} of {dimensions} dimensions are in use",
                ", which looks like dimensional collapse: too little training, or views that are too much alike.");
        }
        if (report.PositiveSimilarities is not { } positives) yield break;
        double others = report.NegativeSimilarities.Mean;
        yield return Finding(
            positives.Mean - others >= LeastGap,
            $"two views of an image have a cosine of {positives.Mean:F2}, different images {others:F2}",
            ": the encoder hardly tells images apart.");

        (FindingKind, string) Finding(bool isGood, string what, string otherwise) =>
            (isGood ? FindingKind.Good : FindingKind.Warning, $"{name}: {what}{(isGood ? "." : otherwise)}");
    }

    public static JsonObject Json(EmbeddingReport report)
    {
        JsonObject json = Row(report);
        json.Add(new
        {
            report.SingularValues,
            PositiveSimilarities = report.PositiveSimilarities is { } positives ? Json(positives) : null,
            NegativeSimilarities = Json(report.NegativeSimilarities),
        });
        return json;
    }

    public static object Json(Histogram histogram) => new { histogram.Lowest, histogram.Highest, histogram.Counts, histogram.Mean };

    public static IEnumerable<object> Rows(IEnumerable<(string Name, EmbeddingReport Report)> reports) =>
        reports.Select(entry => Row(entry.Report, ("output", entry.Name)));

    /// <summary>A histogram in twenty letters, each of the height of its share.</summary>
    public static string Bars(Histogram? histogram)
    {
        const string Heights = " ▁▂▃▄▅▆▇█";
        if (histogram is null) return "–";
        long[] sums = [.. histogram.Counts.Chunk(Math.Max(1, histogram.Counts.Count / 20)).Select(part => part.Sum())];
        long most = Math.Max(1, sums.Max());
        return $"[{string.Concat(sums.Select(sum => Heights[(int)Math.Ceiling((Heights.Length - 1.0) * sum / most)]))}]";
    }

    private static string Number(double value) => double.IsFinite(value) ? $"{value:0.####}" : "–";

    private static JsonObject Row(EmbeddingReport report, params (string Name, object Value)[] first) => JsonText.Object(
        first.Concat(Figures.Select(figure => (figure.Name, (object)figure.Of(report)))).ToDictionary());

    private static int ForShare(EmbeddingReport report, double share)
    {
        IReadOnlyList<double> values = report.SingularValues;
        double wanted = share * values.Sum(), sum = 0;
        for (int i = 0; i < values.Count; i++)
            if ((sum += values[i]) >= wanted) return i + 1;
        return values.Count;
    }
}
