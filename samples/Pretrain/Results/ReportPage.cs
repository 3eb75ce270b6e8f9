using MoCo.Evaluation.Diagnostics;

namespace Pretrain.Results;

/// <summary>The page of a run: its options, its curves, and what the encoder makes of some images at the end.</summary>
internal static class ReportPage
{
    /// <summary>What is known without the images.</summary>
    public static RunReport Of(IReadOnlyList<MetricsRow> rows, Plan plan, MoCoTrainer trainer, DataSet data, string? looked)
    {
        double chance = trainer.Method.ChanceLoss;
        string of = trainer.Options.Duration is null ? $" of {trainer.Options.Epochs}" : "";
        return new RunReport
        {
            Title = $"{Values.Text(plan.Options.Encoder.Backbone)} on {Path.GetFileName(plan.DataName)}",
            Subtitle = $"{data.Count:N0} images of {plan.DataName}, {trainer.Epoch}{of} epochs",
            PresetName = plan.Preset,
            Facts = [.. Facts(rows, chance, looked)],
            Options = [.. Options(plan)],
            Metrics = rows,
            ChanceLoss = chance,
        };
    }

    /// <summary>The report with what the encoder makes of some images, where they can be read by number.</summary>
    public static RunReport WithEmbeddings(
        this RunReport report, MoCoTrainer trainer, DataSet data, Plan plan, CancellationToken stop)
    {
        if ((data.Queries ?? data.Train as IImageSource) is not { } source) return report;
        using FeatureSet embeddings = Extract(trainer.QueryEncoder, source.Spread(ReportImages.Most));
        if (embeddings.Count < 2) return report;
        EmbeddingReport measured = EmbeddingReport.Measure(embeddings.Features, cancellationToken: stop);
        report = report with { Embeddings = [($"epoch {trainer.Epoch}", measured)] };
        return report.WithImages(source, images => Extract(trainer.QueryEncoder.Backbone, images), stop);

        FeatureSet Extract(nn.Module<Tensor, Tensor> network, IImageSource images) =>
            KnnMeasurement.Features(network, images, data.Views.Query.ForEvaluation(), plan, trainer.Device, stop);
    }

    private static IEnumerable<(string, string, string)> Facts(IReadOnlyList<MetricsRow> rows, double chance, string? looked)
    {
        yield return ("steps", $"{(rows.Count == 0 ? 0 : rows[^1].Step):N0}", "");
        if (Last(MetricsRow.Loss) is double loss) yield return ("loss", loss.ToString("F3"), $"guessing: {chance:F2}");
        if (Last(MetricsRow.ContrastAccuracy) is double accuracy) yield return ("contrast accuracy", $"{accuracy:P1}", "");
        if (Last(MetricsRow.Knn) is double knn) yield return ("kNN accuracy", $"{knn:P1}", looked ?? "quick look");
        if (Last(MetricsRow.Probe) is double probe) yield return ("online probe", $"{probe:P1}", looked ?? "quick look");

        double? Last(string name) => rows.LastOrDefault(row => row.Values.ContainsKey(name))?.Values[name];
    }

    private static IEnumerable<(string, string, string?)> Options(Plan plan)
    {
        Plan preset = Plan.For(plan.Preset);
        foreach (Setting setting in Settings.All)
            if (setting.Read(plan) is { } value) yield return (setting.Name, value, setting.Read(preset));
    }
}
