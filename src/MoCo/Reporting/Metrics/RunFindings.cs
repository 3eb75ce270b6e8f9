using static System.FormattableString;
using static MoCo.Reporting.FindingKind;
using static MoCo.Reporting.MetricNames;

namespace MoCo.Reporting;

/// <summary>Reads a run's numbers as a person would who has trained MoCo before.</summary>
public static class RunFindings
{
    private const double StuckShare = 0.98, EasyAccuracy = 0.95, CollapsedSpread = 0.2, WaitingShare = 0.2, UsedDimensions = 0.1, LostAccuracy = 0.02;

    /// <summary>Says what the latest tenth of the rows tells of loss, contrast accuracy, spread, kNN and waiting, and of the effective rank.</summary>
    /// <param name="rows">The rows, for example of <see cref="MetricsFile.Read"/>.</param>
    /// <param name="chanceLoss">ln(K+1), the loss of guessing, or null.</param>
    /// <param name="spectrum">The embeddings' last spectrum, or null.</param>
    public static IReadOnlyList<ReportFinding> From(IReadOnlyList<MetricsRow> rows, double? chanceLoss = null, SpectrumSnapshot? spectrum = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. new[] { OfSpread(rows), OfLoss(rows, chanceLoss), OfContrast(rows), OfKnn(rows), OfRank(spectrum), OfWaiting(rows) }.OfType<ReportFinding>()];
    }

    private static ReportFinding? OfSpread(IReadOnlyList<MetricsRow> rows) => Latest(rows, Spread) switch
    {
        < CollapsedSpread and double spread => new(Warning, Invariant($"The embeddings are collapsing to a point (spread {spread:F2}, where evenly spread ones have 1): lower the learning rate, or raise the key momentum.")),
        _ => null,
    };

    private static ReportFinding? OfLoss(IReadOnlyList<MetricsRow> rows, double? chanceLoss)
    {
        if (Latest(rows, Loss) is not double loss || chanceLoss is not double chance) return null;
        return loss > StuckShare * chance
            ? new(Warning, Invariant($"The loss ({loss:F2}) is still that of guessing ({chance:F2}). It may rise while the queue fills; if it stays, check the learning rate, and that both views show the same image."))
            : new(Good, Invariant($"The loss has come down to {loss:F2}; guessing would give {chance:F2}."));
    }

    private static ReportFinding? OfContrast(IReadOnlyList<MetricsRow> rows) => Latest(rows, ContrastAccuracy) switch
    {
        > EasyAccuracy and double accuracy => new(Warning, Invariant($"The task is too easy: {accuracy:P0} of the queries find their key. The augmentation is too weak or BatchNorm gives the answer away: strengthen the crops, and keep ShuffleKeys with BatchNormSplits above 1.")),
        _ => null,
    };

    private static ReportFinding? OfKnn(IReadOnlyList<MetricsRow> rows)
    {
        (long Step, double Value)[] knn = [.. rows.Where(row => row.Values.TryGetValue(Knn, out double value) && double.IsFinite(value)).Select(row => (row.Step, row.Values[Knn]))];
        if (knn.Length < 2) return null;
        (long step, double best) = knn.MaxBy(point => point.Value);
        double last = knn[^1].Value, gain = last - knn[0].Value;
        if (best - last > LostAccuracy) return new(Warning, Invariant($"kNN accuracy was {100 * best:F1} % at step {step} and has fallen to {100 * last:F1} %: take that checkpoint, or train on with a lower learning rate."));
        return gain > 0
            ? new(Good, Invariant($"kNN accuracy rose from {100 * knn[0].Value:F1} % to {100 * last:F1} %."))
            : new(Warning, Invariant($"kNN accuracy has not risen since the first measurement ({100 * knn[0].Value:F1} % then, {100 * last:F1} % now): the features don't improve."));
    }

    private static ReportFinding? OfRank(SpectrumSnapshot? spectrum)
    {
        if (spectrum?.EffectiveRank is not double rank) return null;
        int dimensions = spectrum.SingularValues.Count;
        return rank < UsedDimensions * dimensions
            ? new(Notice, Invariant($"The embeddings use few of their dimensions: effective rank {rank:F1} of {dimensions}. That is dimensional collapse if it keeps falling."))
            : new(Good, Invariant($"The embeddings use their dimensions: effective rank {rank:F1} of {dimensions}."));
    }

    private static ReportFinding? OfWaiting(IReadOnlyList<MetricsRow> rows) => Latest(rows, WaitShare) switch
    {
        > WaitingShare and double share => new(Notice, Invariant($"Training waits for data {100 * share:F0} % of the time: raise Workers, or use smaller images on faster storage.")),
        _ => null,
    };

    // The mean over the last tenth: one batch says little.
    private static double? Latest(IReadOnlyList<MetricsRow> rows, string name)
    {
        double[] values = [.. rows.Select(row => row.Values.GetValueOrDefault(name, double.NaN)).Where(double.IsFinite)];
        return values.Length == 0 ? null : values[^Math.Max(1, values.Length / 10)..].Average();
    }
}
