using System.Globalization;
using MoCo.Data;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Reporting;
using Samples;
using Samples.Encoders;

namespace Evaluate;

/// <summary>The diagnostics as a page: figures, histograms, spectra, a map of the images and their neighbours.</summary>
internal sealed class DiagnosticsPage(OpenedEncoder encoder, IImageSet images, CancellationToken stop)
{
    private const int MostOnMap = 600;

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="file">The encoder's file.</param>
    /// <param name="reports">What was measured, by the output's name.</param>
    /// <param name="queue">What the queue's keys are, if there is one.</param>
    public void Write(string path, string file, IReadOnlyList<(string Name, EmbeddingReport Report)> reports, QueueFindings? queue)
    {
        EmbeddingReport first = reports[0].Report;
        List<SimilaritySnapshot> similarities = [.. reports.Select(entry => new SimilaritySnapshot(entry.Name, entry.Report.PositiveSimilarities, entry.Report.NegativeSimilarities))];
        if (queue is not null) similarities.Add(new SimilaritySnapshot("queries and the queue's keys", null, queue.Similarities));
        var page = new RunReport
        {
            Title = Path.GetFileName(file),
            Subtitle = $"{encoder.Summary}; {first.Count:N0} images of {images.Name}, two views each",
            Facts = [.. reports.SelectMany(entry => Facts(entry.Name, entry.Report)), .. Facts(queue)],
            Findings = [.. reports.SelectMany(entry => DiagnosticsView.Findings(entry.Name, entry.Report))],
            Similarities = similarities,
            Spectra = [.. reports.Select(entry => new SpectrumSnapshot(entry.Name, entry.Report.SingularValues, entry.Report.EffectiveRank))],
        };
        if (images is IImageSource source)
        {
            // Of the views that evaluation uses.
            var shown = (IImageSource)LabelledData.Spread(source, MostOnMap);
            using FeatureSet features = Screen.Extract(encoder, encoder.Loader(encoder.Adapt(shown)), stop);
            page = page.WithImages(shown, features, stop);
        }
        HtmlReport.Write(path, page);
        Screen.Say($"written: {path}");
    }

    private static ReportFact[] Facts(string name, EmbeddingReport report) =>
    [
        new($"effective rank, {name}", Number(report.EffectiveRank, 1), $"of {report.SingularValues.Count} dimensions"),
        new($"alignment, {name}", Number(report.Alignment ?? double.NaN, 3), "0: two views are the same"),
        new($"uniformity, {name}", Number(report.Uniformity, 3), "evenly spread: near -4"),
    ];

    private static IEnumerable<ReportFact> Facts(QueueFindings? queue)
    {
        if (queue?.Ages is { } ages) yield return new ReportFact("keys' mean age", $"{Number(ages.Mean, 1)} steps", $"oldest: {ages.Oldest:N0}, of {queue.Length:N0} keys");
        if (queue?.SameClass is { } share) yield return new ReportFact("false negatives", Screen.Percent(share.InNearest), $"of the {share.Nearest:N0} nearest keys; of all: {Screen.Percent(share.InQueue)}");
    }

    private static string Number(double value, int digits) => Screen.Number(value, $"F{digits}");
}
