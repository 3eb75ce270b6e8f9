using MoCo.Training;

namespace Samples;

/// <summary>A report of training as numbers, under the names that a run's files of metrics have.</summary>
internal static class ReportedValues
{
    /// <summary>The rows that a report is.</summary>
    /// <param name="waitShare">Share of the interval spent waiting for data; null: not measured.</param>
    public static IEnumerable<(string Name, double Value)[]> Rows(TrainingProgress now, double? waitShare = null)
    {
        yield return now.Summary is { } summary ? OfEpoch(summary) : OfInterval(now, waitShare);
        if (now.FalseNegatives is { } share)
            yield return [(MetricsRow.FalseNegatives, share.InQueue), (MetricsRow.NearFalseNegatives, share.InNearest)];
        if (now.Embeddings is not { } measured) yield break;
        yield return OfEmbeddings(measured);
        if (measured.FeatureRank is { } features)
            yield return [(MetricsRow.FeatureRank, features.Value), (MetricsRow.FeatureRankShare, features.Value / features.Most)];
    }

    private static (string, double)[] OfInterval(TrainingProgress now, double? waitShare) =>
    [
        (MetricsRow.Epoch, now.Epoch + (double)now.Batch / now.Batches),
        (MetricsRow.Loss, now.Loss),
        (MetricsRow.ContrastAccuracy, now.ContrastAccuracy),
        (MetricsRow.LearningRate, now.LearningRate),
        (MetricsRow.ImagesPerSecond, now.ImagesPerSecond),
        .. Known(MetricsRow.WaitShare, waitShare),
        .. Known(MetricsRow.GradientNorm, now.GradientNorm),
        .. Known(MetricsRow.ProbeBatches, now.ProbeAccuracy),
        .. Known(MetricsRow.SkippedSteps, now.SkippedSteps > 0 ? now.SkippedSteps : null),
    ];

    private static (string, double)[] OfEpoch(EpochSummary summary) =>
    [
        (MetricsRow.EpochLoss, summary.Mean.Loss),
        (MetricsRow.EpochSeconds, summary.Seconds),
        (MetricsRow.PositiveSimilarity, summary.Mean.PositiveSimilarity),
        (MetricsRow.NegativeSimilarity, summary.Mean.NegativeSimilarity),
        (MetricsRow.Spread, summary.Mean.Spread),
    ];

    private static (string, double)[] OfEmbeddings(MeasuredEmbeddings measured) =>
    [
        (MetricsRow.Deviation, measured.Deviation),
        (MetricsRow.LeastDeviation, measured.LeastDeviation),
        (MetricsRow.Rank, measured.Rank.Value),
        (MetricsRow.RankShare, measured.Rank.Value / measured.Rank.Most),
        (MetricsRow.Alignment, measured.Alignment),
        (MetricsRow.Uniformity, measured.Uniformity),
    ];

    private static (string, double)[] Known(string name, double? value) => value is double known ? [(name, known)] : [];
}
