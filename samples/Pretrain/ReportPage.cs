using System.Runtime.InteropServices;
using MoCo;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Reporting;
using Samples.CommandLine;
using static TorchSharp.torch;

namespace Pretrain;

/// <summary>The page of a run: its options, its curves, and what the encoder makes of some images at the end.</summary>
internal static class ReportPage
{
    private const int MostImages = 600, Rows = 8, Hits = 6;

    public static void Write(
        RunFolder run, IReadOnlyList<MetricsRow> rows, Plan plan, MoCoTrainer trainer, DataSet data, CancellationToken stop)
    {
        double chance = trainer.Method.ChanceLoss;
        string of = trainer.Options.Duration is null ? $" of {trainer.Options.Epochs}" : "";
        var report = new RunReport
        {
            Title = $"{Values.Text(plan.Options.Backbone)} on {Path.GetFileName(plan.Data)}",
            Subtitle = $"{data.Count:N0} images of {plan.Data}, {trainer.Epoch}{of} epochs",
            PresetName = plan.Preset,
            Facts = [.. Facts(rows, chance)],
            Options = [.. Options(plan)],
            Charts = RunCharts.From(rows, chance),
        };
        if ((data.Queries ?? data.Train as IImageSource) is { } shown)
            report = WithImages(report, trainer, shown, data.Views.ForEvaluation(), stop);
        SpectrumSnapshot? spectrum = report.Spectra.Count > 0 ? report.Spectra[0] : null;
        HtmlReport.Write(run.Report, report with { Findings = RunFindings.From(rows, chance, spectrum) });
    }

    private static RunReport WithImages(
        RunReport report, MoCoTrainer trainer, IImageSource source, AugmentationRecipe view, CancellationToken stop)
    {
        ImageSubset some = KnnMeasurement.Part(source, MostImages);
        Encoder encoder = trainer.QueryEncoder;
        using FeatureSet features = FeatureExtractor.Extract(encoder.Backbone, some, view, device: trainer.Device, cancellation: stop);
        if (features.Count < 2) return report;
        using FeatureSet embeddings = FeatureExtractor.Extract(encoder, some, view, device: trainer.Device, cancellation: stop);
        EmbeddingReport measured = EmbeddingDiagnostics.Measure(embeddings.Features, cancellation: stop);
        IEnumerable<int> count = Enumerable.Range(0, features.Count);
        ReportImage[] images = [.. count.Select(row => Thumbnail.Of(some, features.Indices?[row] ?? row))];
        Histogram negative = measured.NegativeSimilarities;
        string epoch = $"epoch {trainer.Epoch}";
        return report with
        {
            Spectra = [new SpectrumSnapshot(epoch, measured.SingularValues, measured.EffectiveRank)],
            Similarities = [new SimilaritySnapshot(epoch, null, new ReportHistogram(negative.Lowest, negative.Highest, negative.Counts))],
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
            IReadOnlyList<SimilarityHit> hits = index.Search(query, Math.Min(Hits + 1, images.Length))[0];
            yield return new NeighbourRow(images[row], 
                [.. hits.Where(hit => hit.Index != row).Take(Hits).Select(hit => new NeighbourHit(images[hit.Index], hit.Similarity))]);
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
