using MoCo.Evaluation.Diagnostics;
using MoCo.Training;
using static MoCo.Reporting.FindingKind;
using static MoCo.Reporting.MetricsRow;

namespace MoCo.Reporting.Metrics;

/// <summary>What a run's metrics say in plain words: the findings of <see cref="TrainingHealth"/>, and kNN and effective rank.</summary>
internal static class RunFindings
{
    private const double UsedDimensions = 0.1, LostAccuracy = 0.02, FullAccuracy = 0.995;
    private const int FewestImages = 30;

    /// <summary>Looks at the latest tenth of the rows, and at the last embeddings.</summary>
    /// <param name="rows">What was written while training.</param>
    /// <param name="chanceLoss">The loss of guessing, or null.</param>
    /// <param name="embeddings">The last ones, looked at after training, or null.</param>
    /// <param name="settledStep">The step until which loss and spread say nothing.</param>
    public static IEnumerable<(FindingKind Kind, string Text)> From(
        IReadOnlyList<MetricsRow> rows, double? chanceLoss, EmbeddingReport? embeddings, long settledStep = 0)
    {
        MetricsRow[] settled = [.. rows.Where(row => settledStep == 0 || row.Step > settledStep)];
        double? loss = Latest(settled, Loss);
        MetricsRow? diverged = rows.FirstOrDefault(row => row.Values.TryGetValue(Loss, out double value) && !double.IsFinite(value));
        if (diverged is not null)
            yield return (Warning, $"The loss is not finite at step {diverged.Step}: the run has diverged. Lower the learning rate.");
        IEnumerable<HealthFinding> wrong = TrainingHealth.Findings(new HealthFigures
        {
            Loss = loss,
            ChanceLoss = chanceLoss,
            Accuracy = Latest(rows, ContrastAccuracy),
            Spread = Latest(settled, Spread),
            Deviation = Latest(rows, Deviation),
            Alignment = Latest(rows, Alignment),
            Rank = Latest(rows, Rank),
            FeatureRank = Latest(rows, FeatureRank),
            WaitShare = Latest(rows, WaitShare),
        });
        foreach ((bool isGrave, string seen, string figure, string advice) in wrong)
            yield return (isGrave ? Warning : Notice, $"{char.ToUpperInvariant(seen[0])}{seen[1..]} ({figure}): {advice}.");
        bool isLater = settled.Count(row => row.Values.ContainsKey(Loss)) > 1;
        if (diverged is null && isLater && chanceLoss is not null && !TrainingHealth.IsStuck(loss, chanceLoss))
            yield return (Good, Invariant($"The loss has come down to {loss:F2}; guessing would give {chanceLoss:F2}."));
        if (OfKnn(rows) is { } knn) yield return knn;
        if (embeddings is not null && OfRank(embeddings) is { } rank) yield return rank;
    }

    private static (FindingKind, string)? OfKnn(IReadOnlyList<MetricsRow> rows)
    {
        (long Step, double Value)[] knn = [.. rows
            .Select(row => (row.Step, Value: row.Values.GetValueOrDefault(Knn, double.NaN))).Where(point => double.IsFinite(point.Value))];
        if (knn.Length < 2) return null;
        (long step, double best) = knn.MaxBy(point => point.Value);
        double first = knn[0].Value, last = knn[^1].Value;
        if (best - last > LostAccuracy)
        {
            return (Warning, Invariant($"kNN accuracy was {100 * best:F1} % at step {step} and has fallen to {100 * last:F1} %: ")
                + "take a checkpoint of then, if one was kept, or train on with a lower learning rate.");
        }
        if (first >= FullAccuracy) return (Good, Invariant($"kNN accuracy is {100 * last:F1} %, as good as it was from the first."));
        return last > first
            ? (Good, Invariant($"kNN accuracy rose from {100 * first:F1} % to {100 * last:F1} %."))
            : (Warning, "kNN accuracy has not risen since the first measurement "
                + Invariant($"({100 * first:F1} % then, {100 * last:F1} % now): the features don't improve."));
    }

    /// <summary>N embeddings show at most N − 1 dimensions; of a few, nothing is said.</summary>
    private static (FindingKind, string)? OfRank(EmbeddingReport report)
    {
        (double rank, int dimensions) = (report.EffectiveRank, Math.Min(report.SingularValues.Count, report.Count - 1));
        if (report.Count < FewestImages) return null;
        string of = dimensions < report.SingularValues.Count ? $"{dimensions} that {report.Count} images can show" : $"{dimensions}";
        return rank < UsedDimensions * dimensions
            ? (Notice, Invariant($"The embeddings use few of their dimensions: effective rank {rank:F1} of {of}. ")
                + "That is dimensional collapse if it keeps falling.")
            : (Good, Invariant($"The embeddings use their dimensions: effective rank {rank:F1} of {of}."));
    }

    // The mean over the last tenth: one batch says little.
    private static double? Latest(IReadOnlyList<MetricsRow> rows, string name)
    {
        double[] values = [.. rows.Select(row => row.Values.GetValueOrDefault(name, double.NaN)).Where(double.IsFinite)];
        return values.Length == 0 ? null : values[^Math.Max(1, values.Length / 10)..].Average();
    }
}
