namespace MoCo.Training;

/// <summary>Reads a run's numbers as a person would who has trained MoCo before: the limits and the words, for logs and reports.</summary>
/// <remarks>The limits of collapse are those that separate runs that were made to collapse from sound ones of every method, see
/// samples/docs/collapse.md.</remarks>
internal static class TrainingHealth
{
    private const double StuckShare = 0.98, EasyAccuracy = 0.95, CollapsedSpread = 0.2, WaitingShare = 0.2;
    private const double PointDeviation = 0.1, PointAlignment = 0.05, OneDirection = 2;
    private const double EasyAtFirst = 0.4, ManyNegatives = 1000;

    public static string Describe(EpochSummary epoch)
    {
        if (epoch.Steps == 0) return Invariant($"epoch {epoch.Epoch + 1}: no step was made since the run was resumed");
        MeasuredStep mean = epoch.Mean;
        string line = Invariant($"epoch {epoch.Epoch + 1}: loss {mean.Loss:F3} (chance {epoch.ChanceLoss:F2}), ")
            + Invariant($"contrast accuracy {mean.ContrastAccuracy:P1}, {Embeddings(epoch)}, ")
            + Invariant($"{epoch.ImagesPerSecond:F0} images/s");
        if (epoch.WaitShare is double share) line += Invariant($", {share:P0} of the time waiting for data");
        string[] findings = [.. Findings(HealthFigures.Of(epoch)).Select(finding => $"{finding.Seen}: {finding.Advice}")];
        return line + (findings.Length == 0 ? "; healthy" : "; " + string.Join("; ", findings));
    }

    /// <summary>What is wrong.</summary>
    public static IEnumerable<HealthFinding> Findings(HealthFigures figures)
    {
        if (OfEmbeddings(figures) is { } collapse) yield return collapse;
        else if (IsStuck(figures.Loss, figures.ChanceLoss))
            yield return new(true, figures.Loss > figures.ChanceLoss / StuckShare ? "the loss is worse than that of guessing"
                : "the loss is still that of guessing",
                Invariant($"{figures.Loss:F2}, where guessing gives {figures.ChanceLoss:F2}"),
                "if it stays, check the learning rate and the temperature, and that both views show the same image");
        if (figures.Accuracy > EasyAccuracy || IsEasyAtFirst(figures))
            yield return new(true, "the task is too easy, the augmentation too weak or BatchNorm giving the answer away",
                Invariant($"{figures.Accuracy:P0} of the queries find their key"),
                "strengthen the crops, and keep KeyEncoder.ShuffleBatch on, with Encoder.BatchNormSplits above 1");
        if (figures.WaitShare > WaitingShare)
            yield return new(false, "training waits for data", Invariant($"{figures.WaitShare:P0} of the time"),
                "load with more workers, or use smaller images on faster storage");
    }

    /// <summary>Whether a loss is that of guessing; false where one of both is not known.</summary>
    public static bool IsStuck(double? loss, double? chanceLoss) => loss > StuckShare * chanceLoss;

    /// <summary>Complete collapse before dimensional collapse. Without a look at the embeddings the steps' spread must do.</summary>
    private static HealthFinding? OfEmbeddings(HealthFigures figures)
    {
        const string point = "the embeddings are collapsing to a point",
            advice = "lower the learning rate, raise the key momentum, or see that there are negatives";
        if (figures.Deviation is not double deviation)
            return figures.Spread < CollapsedSpread
                ? new(true, point, Invariant($"spread {figures.Spread:F2}, where evenly spread ones have 1"), advice) : null;
        // Early, a sound run's queries may all lie near to each other, too, but not so near to their positives.
        if (deviation < PointDeviation && figures.Alignment < PointAlignment)
            return new(true, point,
                Invariant($"spread {deviation:F3}, where evenly spread ones have 1, alignment {figures.Alignment:F3}"), advice);
        return figures.Rank < OneDirection
            ? new(true, "the embeddings are collapsing to one dimension", Invariant($"effective rank {figures.Rank:F1}"), advice)
            : figures.FeatureRank < OneDirection
                ? new(true, "the backbone's features are collapsing to one dimension",
                    Invariant($"effective rank {figures.FeatureRank:F1}"), advice)
                : null;
    }

    /// <summary>Among many negatives, a first epoch does not find two keys of five unless it is given away.</summary>
    private static bool IsEasyAtFirst(HealthFigures figures) =>
        figures.IsFirstEpoch && figures.Accuracy > EasyAtFirst && figures.ChanceLoss > Math.Log(ManyNegatives);

    private static string Embeddings(EpochSummary epoch)
    {
        if (epoch.Embeddings is not { } measured) return Invariant($"embedding spread {epoch.Mean.Spread:F2}");
        string features = measured.FeatureRank is { } rank ? Invariant($" (features {rank.Value:F1} of {rank.Most})") : "";
        return Invariant($"embedding spread {measured.Deviation:F2} (least dimension {measured.LeastDeviation:F2}), effective rank ")
            + Invariant($"{measured.Rank.Value:F1} of {measured.Rank.Most}{features}, alignment {measured.Alignment:F2}, ")
            + Invariant($"uniformity {measured.Uniformity:F2}");
    }
}

/// <summary>The numbers that health is read from; null stands for one that is not known.</summary>
internal readonly record struct HealthFigures
{
    private const int FewestSteps = 10;

    /// <summary>A loss that means what it will.</summary>
    public double? Loss { get; init; }

    public double? ChanceLoss { get; init; }

    public double? Accuracy { get; init; }

    public bool IsFirstEpoch { get; init; }

    /// <summary>Of the steps' batches.</summary>
    public double? Spread { get; init; }

    public double? Deviation { get; init; }

    public double? Alignment { get; init; }

    public double? Rank { get; init; }

    public double? FeatureRank { get; init; }

    public double? WaitShare { get; init; }

    /// <summary>An epoch's; in a run's first one, and until it has settled, means of loss and spread say little.</summary>
    public static HealthFigures Of(EpochSummary epoch) => new()
    {
        Loss = HasMeans(epoch) ? epoch.Mean.Loss : null,
        ChanceLoss = epoch.ChanceLoss,
        // The first steps' queries meet random keys, among which their own is easily found.
        Accuracy = epoch.Epoch > 0 || epoch.Steps >= FewestSteps ? epoch.Mean.ContrastAccuracy : null,
        IsFirstEpoch = epoch.Epoch == 0,
        Spread = HasMeans(epoch) ? epoch.Mean.Spread : null,
        Deviation = epoch.Embeddings?.Deviation,
        Alignment = epoch.Embeddings?.Alignment,
        Rank = epoch.Embeddings?.Rank.Value,
        FeatureRank = epoch.Embeddings?.FeatureRank?.Value,
        WaitShare = epoch.WaitShare,
    };

    private static bool HasMeans(EpochSummary epoch) => epoch.Epoch > 0 && epoch.HasSettled;
}

/// <summary>Something that is wrong with a run, in words that begin with a small letter.</summary>
/// <param name="IsGrave">Whether the result suffers, not only the time.</param>
/// <param name="Seen">What is seen, and what it means.</param>
/// <param name="Figure">The number that says so.</param>
/// <param name="Advice">What to do.</param>
internal readonly record struct HealthFinding(bool IsGrave, string Seen, string Figure, string Advice);
