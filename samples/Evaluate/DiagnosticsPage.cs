using MoCo.Data;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Search;
using MoCo.Imaging;
using MoCo.Reporting;
using Samples.Encoders;
using Samples.Images;

namespace Evaluate;

/// <summary>The diagnostics as a page: figures, histograms, spectra, a map of the images and their neighbours.</summary>
internal sealed class DiagnosticsPage(OpenedEncoder encoder, IImageSet images, CancellationToken stop)
{
    private const int MostOnMap = 600, Rows = 8, HitsInRow = 8, ThumbnailSide = 64;

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="file">The encoder's file.</param>
    /// <param name="reports">What was measured, by the output's name.</param>
    /// <param name="queue">What the queue's keys are, if there is one.</param>
    public void Write(string path, string file, IReadOnlyList<(string Name, EmbeddingReport Report)> reports, QueueFindings? queue)
    {
        EmbeddingReport first = reports[0].Report;
        List<SimilaritySnapshot> similarities = [.. reports.Select(entry => new SimilaritySnapshot(entry.Name, Of(entry.Report.PositiveSimilarities), Of(entry.Report.NegativeSimilarities)))];
        if (queue is not null) similarities.Add(new SimilaritySnapshot("queries and the queue's keys", null, Of(queue.Similarities)));
        var page = new RunReport
        {
            Title = Path.GetFileName(file),
            Subtitle = $"{encoder.Summary}; {first.Count:N0} images of {images.Name}, two views each",
            Facts = [.. reports.SelectMany(entry => Facts(entry.Name, entry.Report)), .. Facts(queue)],
            Findings = [.. reports.SelectMany(entry => DiagnosticsView.Findings(entry.Name, entry.Report))],
            Similarities = similarities,
            Spectra = [.. reports.Select(entry => new SpectrumSnapshot(entry.Name, entry.Report.SingularValues, entry.Report.EffectiveRank))],
        };
        if (images is IImageSource source) page = WithImages(page, (IImageSource)LabelledData.Spread(source, MostOnMap));
        HtmlReport.Write(path, page);
        Screen.Say($"written: {path}");
    }

    /// <summary>The map and the neighbours, of the views that evaluation uses.</summary>
    private RunReport WithImages(RunReport page, IImageSource shown)
    {
        using FeatureSet features = Screen.Extract(encoder, encoder.Loader(encoder.Adapt(shown)), stop);
        var buffer = new ImageBuffer();
        ReportImage[] shownImages = [.. Enumerable.Range(0, features.Count).Select(row => Image(shown, features.Indices?[row] ?? row, buffer))];
        using var index = new SimilarityIndex(features.Features, shownImages.Select(image => image.Name));
        int hits = Math.Min(HitsInRow + 1, index.Count), rows = Math.Min(Rows, index.Count);
        int[] asked = [.. Enumerable.Range(0, rows).Select(i => (int)((i + 0.5) * index.Count / rows))];
        return page with
        {
            Embeddings = new ReportEmbeddings(features.Features.data<float>().ToArray(), shownImages),
            Neighbours = [.. asked.Select(row =>
            {
                using TorchSharp.torch.Tensor query = features.Features[row];
                return new NeighbourRow(shownImages[row], [.. index.Search(query, hits, stop)[0].Where(hit => hit.Index != row).Take(HitsInRow).Select(hit => new NeighbourHit(shownImages[hit.Index], hit.Similarity))]);
            })],
        };
    }

    private static ReportImage Image(IImageSource source, int index, ImageBuffer buffer)
    {
        source.Read(index, buffer);
        return new ReportImage(Path.GetFileName(source.Locate(index)), source.Label(index) is int label ? source.Classes[label] : null, Thumbnail.Jpeg(buffer, ThumbnailSide));
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

    private static ReportHistogram? Of(Histogram? histogram) => histogram is null ? null : new ReportHistogram(histogram.Lowest, histogram.Highest, histogram.Counts);

    private static string Number(double value, int digits) => Screen.Number(value, $"F{digits}");
}
