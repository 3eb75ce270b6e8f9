using MoCo.Evaluation.Diagnostics;

namespace Pretrain;

/// <summary>The page of a run: its options, its curves, and what the encoder makes of some images at the end.</summary>
internal static class ReportPage
{
    private const int MostImages = 600;

    public static void Write(
        RunFolder run, IReadOnlyList<MetricsRow> rows, Plan plan, MoCoTrainer trainer, DataSet data, string? looked, CancellationToken stop)
    {
        double chance = trainer.Method.ChanceLoss;
        string of = trainer.Options.Duration is null ? $" of {trainer.Options.Epochs}" : "";
        RunReport report = new()
        {
            Title = $"{Values.Text(plan.Options.Encoder.Backbone)} on {Path.GetFileName(plan.Data)}",
            Subtitle = $"{data.Count:N0} images of {plan.Data}, {trainer.Epoch}{of} epochs",
            PresetName = plan.Preset,
            Facts = [.. Facts(rows, chance, looked)],
            Options = [.. Options(plan)],
            Metrics = rows,
            ChanceLoss = chance,
        };
        if ((data.Queries ?? data.Train as IImageSource) is { } shown)
            report = WithImages(report, trainer, shown, data.Views.ForEvaluation(), stop);
        HtmlReport.Write(run.Report, report);
    }

    private static RunReport WithImages(
        RunReport report, MoCoTrainer trainer, IImageSource source, AugmentationRecipe view, CancellationToken stop)
    {
        ImageSubset some = KnnMeasurement.Part(source, MostImages);
        Encoder encoder = trainer.QueryEncoder;
        using FeatureSet features = FeatureExtractor.Extract(encoder.Backbone, some, view, device: trainer.Device, cancellationToken: stop);
        if (features.Count < 2) return report;
        using FeatureSet embeddings = FeatureExtractor.Extract(encoder, some, view, device: trainer.Device, cancellationToken: stop);
        EmbeddingReport measured = EmbeddingDiagnostics.Measure(embeddings.Features, cancellationToken: stop);
        return report.WithImages(some, features, stop) with
        {
            Embeddings = [($"epoch {trainer.Epoch}", measured)],
        };
    }

    private static IEnumerable<(string, string, string)> Facts(IReadOnlyList<MetricsRow> rows, double chance, string? looked)
    {
        yield return ("steps", $"{(rows.Count == 0 ? 0 : rows[^1].Step):N0}", "");
        if (Last(MetricNames.Loss) is double loss) yield return ("loss", loss.ToString("F3"), $"guessing: {chance:F2}");
        if (Last(MetricNames.ContrastAccuracy) is double accuracy) yield return ("contrast accuracy", $"{accuracy:P1}", "");
        if (Last(MetricNames.Knn) is double knn) yield return ("kNN accuracy", $"{knn:P1}", looked ?? "quick look");

        double? Last(string name) => rows.LastOrDefault(row => row.Values.ContainsKey(name))?.Values[name];
    }

    private static IEnumerable<(string, string, string?)> Options(Plan plan)
    {
        Plan preset = Plan.For(plan.Preset);
        foreach (Setting setting in Settings.All)
            if (setting.Read(plan) is { } value) yield return (setting.Name, value, setting.Read(preset));
    }
}
