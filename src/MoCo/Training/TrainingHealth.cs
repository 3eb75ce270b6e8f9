namespace MoCo.Training;

/// <summary>Reads a run's numbers as a person would who has trained MoCo before: the limits and the words, for logs and reports.</summary>
internal static class TrainingHealth
{
    private const double StuckShare = 0.98, EasyAccuracy = 0.95, CollapsedSpread = 0.2, WaitingShare = 0.2;

    public static string Describe(EpochSummary epoch)
    {
        if (epoch.Steps == 0) return Invariant($"epoch {epoch.Epoch + 1}: no step was made since the run was resumed");
        MeasuredStep mean = epoch.Mean;
        string line = Invariant($"epoch {epoch.Epoch + 1}: loss {mean.Loss:F3} (chance {epoch.ChanceLoss:F2}), ")
            + Invariant($"contrast accuracy {mean.ContrastAccuracy:P1}, embedding spread {mean.Spread:F2}, ")
            + Invariant($"{epoch.ImagesPerSecond:F0} images/s");
        if (epoch.WaitShare is double share) line += Invariant($", {share:P0} of the time waiting for data");
        // The loss rises while the queue fills.
        double? loss = epoch.Epoch > 0 ? mean.Loss : null;
        string[] findings = [.. Findings(loss, epoch.ChanceLoss, mean.ContrastAccuracy, mean.Spread, epoch.WaitShare)
            .Select(finding => $"{finding.Seen}: {finding.Advice}")];
        return line + (findings.Length == 0 ? "; healthy" : "; " + string.Join("; ", findings));
    }

    /// <summary>What is wrong; null stands for a number that is not known.</summary>
    public static IEnumerable<HealthFinding> Findings(double? loss, double? chanceLoss, double? accuracy, double? spread, double? waitShare)
    {
        if (spread < CollapsedSpread)
            yield return new(true, "the embeddings are collapsing to a point",
                Invariant($"spread {spread:F2}, where evenly spread ones have 1"), "lower the learning rate, or raise the key momentum");
        else if (IsStuck(loss, chanceLoss))
            yield return new(true, "the loss is still that of guessing", Invariant($"{loss:F2}, where guessing gives {chanceLoss:F2}"),
                "if it stays when the queue is full, check the learning rate, and that both views show the same image");
        if (accuracy > EasyAccuracy)
            yield return new(true, "the task is too easy, the augmentation too weak or BatchNorm giving the answer away",
                Invariant($"{accuracy:P0} of the queries find their key"),
                "strengthen the crops, and keep KeyEncoder.ShuffleBatch on, with Encoder.BatchNormSplits above 1");
        if (waitShare > WaitingShare)
            yield return new(false, "training waits for data", Invariant($"{waitShare:P0} of the time"),
                "load with more workers, or use smaller images on faster storage");
    }

    /// <summary>Whether a loss is that of guessing; false where one of both is not known.</summary>
    public static bool IsStuck(double? loss, double? chanceLoss) => loss > StuckShare * chanceLoss;
}

/// <summary>Something that is wrong with a run, in words that begin with a small letter.</summary>
/// <param name="IsGrave">Whether the result suffers, not only the time.</param>
/// <param name="Seen">What is seen, and what it means.</param>
/// <param name="Figure">The number that says so.</param>
/// <param name="Advice">What to do.</param>
internal readonly record struct HealthFinding(bool IsGrave, string Seen, string Figure, string Advice);
