using System.Runtime.InteropServices;
using MoCo;
using MoCo.Data;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Search;
using MoCo.Reporting;
using static TorchSharp.torch;

namespace Pretrain;

/// <summary>The page of a run: its options, its curves, and what the encoder makes of some images at the end.</summary>
internal static class ReportPage
{
    private const int MostImages = 600, Rows = 8, Hits = 6;

    public static void Write(RunFolder run, Plan plan, MoCoTrainer trainer, DataSet data, Device device, CancellationToken stop)
    {
        IReadOnlyList<MetricsRow> rows = MetricsFile.Read(run.MetricsJsonLines);
        double chance = trainer.Method.ChanceLoss;
        var report = new RunReport
        {
            Title = $"{Values.Name(plan.Options.Backbone)} on {Path.GetFileName(plan.Data)}",
            Subtitle = $"{data.Count:N0} images of {plan.Data}, {trainer.Epoch}{(trainer.Options.Duration is null ? $" of {trainer.Options.Epochs}" : "")} epochs",
            PresetName = plan.Preset,
            Facts = [.. Facts(rows, chance)],
            Options = [.. Options(plan)],
            Charts = RunCharts.From(rows, chance),
        };
        if ((data.Queries ?? data.Train as IImageSource) is { } shown) report = WithImages(report, trainer, shown, data, device, stop);
        HtmlReport.Write(run.Report, report with { Findings = RunFindings.From(rows, chance, report.Spectra.Count > 0 ? report.Spectra[^1] : null) });
    }

    private static RunReport WithImages(RunReport report, MoCoTrainer trainer, IImageSource source, DataSet data, Device device, CancellationToken stop)
    {
        int count = Math.Min(MostImages, source.Count);
        var some = new ImageSubset(source, Enumerable.Range(0, count).Select(i => (int)((long)i * source.Count / count)));
        using FeatureSet features = FeatureExtractor.Extract(trainer.QueryEncoder.Backbone, some, data.Views.ForEvaluation(), device: device, cancellationToken: stop);
        if (features.Count < 2) return report;
        using FeatureSet embeddings = FeatureExtractor.Extract(trainer.QueryEncoder, some, data.Views.ForEvaluation(), device: device, cancellationToken: stop);
        EmbeddingReport measured = EmbeddingDiagnostics.Measure(embeddings.Features, cancellationToken: stop);
        ReportImage[] images = [.. Enumerable.Range(0, features.Count).Select(row => Thumbnail.Of(some, features.Indices is { } read ? read[row] : row))];
        Histogram negative = measured.NegativeSimilarities;
        return report with
        {
            Spectra = [new SpectrumSnapshot($"epoch {trainer.Epoch}", measured.SingularValues, measured.EffectiveRank)],
            Similarities = [new SimilaritySnapshot($"epoch {trainer.Epoch}", null, new ReportHistogram(negative.Lowest, negative.Highest, negative.Counts))],
            Embeddings = new ReportEmbeddings(Numbers(features.Features), images),
            Neighbours = [.. Neighbours(features, images)],
        };
    }

    private static IEnumerable<NeighbourRow> Neighbours(FeatureSet features, ReportImage[] images)
    {
        using var index = new SimilarityIndex(features.Features, images.Select((_, i) => Values.Text(i)));
        int rows = Math.Min(Rows, images.Length);
        for (int i = 0; i < rows; i++)
        {
            int row = (int)((long)i * images.Length / rows);
            using Tensor query = features.Features[row].unsqueeze(0);
            // The image itself comes first, or among equals.
            NeighbourHit[] hits = [.. index.Search(query, Math.Min(Hits + 1, images.Length))[0].Where(hit => hit.Index != row).Take(Hits).Select(hit => new NeighbourHit(images[hit.Index], hit.Similarity))];
            yield return new NeighbourRow(images[row], hits);
        }
    }

    private static IEnumerable<ReportFact> Facts(IReadOnlyList<MetricsRow> rows, double chance)
    {
        yield return new ReportFact("steps", (rows.Count == 0 ? 0 : rows[^1].Step).ToString("N0"));
        if (Last(MetricNames.Loss) is double loss) yield return new ReportFact("loss", loss.ToString("F3"), $"guessing: {chance:F2}");
        if (Last(MetricNames.ContrastAccuracy) is double accuracy) yield return new ReportFact("contrast accuracy", $"{accuracy:P1}");
        if (Last(MetricNames.Knn) is double knn) yield return new ReportFact("kNN accuracy", $"{knn:P1}", "a quick look");

        double? Last(string name) => rows.LastOrDefault(row => row.Values.ContainsKey(name))?.Values[name];
    }

    private static IEnumerable<ReportOption> Options(Plan plan)
    {
        Plan preset = Plan.For(plan.Preset);
        foreach (Setting setting in Settings.All)
            if (setting.Read(plan) is { } value) yield return new ReportOption(setting.Name, value, setting.Read(preset));
    }

    private static float[] Numbers(Tensor features)
    {
        using Tensor dense = features.cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
    }
}
