using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting.Html;

/// <summary>Singular values of the embeddings' covariance, on a logarithmic axis: a cliff is dimensional collapse.</summary>
internal static class SpectrumChart
{
    private const int MostCurves = 6;

    public static void Write(HtmlText page, IReadOnlyList<(string Name, EmbeddingReport Report)> embeddings)
    {
        if (embeddings.Count == 0) return;
        LineChart.Write(page, new ReportChart
        {
            Title = "Singular values of the embeddings",
            HorizontalTitle = "dimension",
            Logarithmic = true,
            NamesLoneCurve = true,
            Series = [.. Thinning.Evenly(MostCurves, embeddings.Count).Select(i => Series(embeddings[i].Name, embeddings[i].Report))],
        });
    }

    private static (string, IReadOnlyList<(double, double)>) Series(string name, EmbeddingReport report)
    {
        // Below what float32 can tell from nothing, a logarithmic axis would show noise only.
        double floor = report.SingularValues.DefaultIfEmpty(0).Max() * 1e-9;
        // N embeddings span N − 1 dimensions: what is nothing beyond them says nothing of the network.
        IEnumerable<double> shown = report.SingularValues.Take(Math.Max(1, report.Count - 1));
        (double, double)[] points = [.. shown.Select((value, i) => (i + 1.0, Math.Max(value, floor)))];
        return (FormattableString.Invariant($"{name} (effective rank {report.EffectiveRank:F1}), least"), points);
    }
}
