using MoCo.Evaluation.Diagnostics;
using Samples.Encoders;

namespace Evaluate.Diagnostics;

/// <summary>The diagnostics as a page: figures, histograms, spectra, a map of the images and their neighbours.</summary>
internal sealed class DiagnosticsPage(OpenedEncoder encoder, IImageSet images, CancellationToken stop)
{
    /// <summary>Writes the page.</summary>
    public void Write(string path, IReadOnlyList<(string Name, EmbeddingReport Report)> reports, QueueFindings? queue)
    {
        EmbeddingReport first = reports[0].Report;
        RunReport page = new()
        {
            Title = Path.GetFileName(encoder.Choice.Path),
            Subtitle = $"{encoder.Summary}; {first.Count:N0} images of {images.Name}, two views each",
            Facts = [.. reports.SelectMany(entry => Facts(entry.Name, entry.Report)), .. Facts(queue)],
            Findings = [.. reports.SelectMany(entry => DiagnosticsView.Findings(entry.Name, entry.Report))],
            Embeddings = reports,
            QueueSimilarities = queue?.Similarities,
        };
        // Of the views that evaluation uses.
        if (images is IImageSource source)
            page = page.WithImages(source, shown => Screen.Extract(encoder, encoder.Adapt(shown), stop), stop);
        page.Save(path);
        Screen.Say($"written: {path}");
    }

    private static (string, string, string)[] Facts(string name, EmbeddingReport report) =>
    [
        ($"effective rank, {name}", $"{report.EffectiveRank:F1}", $"of {report.SingularValues.Count} dimensions"),
        ($"alignment, {name}", $"{report.Alignment ?? double.NaN:F3}", "0: two views are the same"),
        ($"uniformity, {name}", $"{report.Uniformity:F3}", "evenly spread: near -4"),
    ];

    private static IEnumerable<(string, string, string)> Facts(QueueFindings? queue)
    {
        if (queue?.Ages is { } ages)
            yield return ("keys' mean age", $"{ages.Mean:F1} steps", $"oldest: {ages.Oldest:N0}, of {queue.Length:N0} keys");
        if (queue?.SameClass is not { } share) yield break;
        string remark = $"of the {share.Nearest:N0} nearest keys; of all: {Screen.Percent(share.InQueue)}";
        yield return ("false negatives", Screen.Percent(share.InNearest), remark);
    }
}
