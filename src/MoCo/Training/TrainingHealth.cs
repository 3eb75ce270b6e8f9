using System.Globalization;

namespace MoCo.Training;

/// <summary>Reads an epoch's numbers as a person would who has trained MoCo before.</summary>
internal static class TrainingHealth
{
    private const double StuckShare = 0.98, EasyAccuracy = 0.95, CollapsedSpread = 0.2, WaitingShare = 0.2;

    public static string Describe(EpochSummary epoch)
    {
        if (epoch.Steps == 0) return string.Create(CultureInfo.InvariantCulture, $"epoch {epoch.Epoch + 1}: no step was made since the run was resumed");
        MeasuredStep mean = epoch.Mean;
        string line = string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch.Epoch + 1}: loss {mean.Loss:F3} (chance {epoch.ChanceLoss:F2}), contrast accuracy {mean.ContrastAccuracy:P1}, embedding spread {mean.Spread:F2}, {epoch.ImagesPerSecond:F0} images/s");
        if (epoch.WaitShare is double share) line += string.Create(CultureInfo.InvariantCulture, $", {share:P0} of the time waiting for data");
        string[] findings = [.. Findings(epoch)];
        return line + (findings.Length == 0 ? "; healthy" : "; " + string.Join("; ", findings));
    }

    private static IEnumerable<string> Findings(EpochSummary epoch)
    {
        MeasuredStep mean = epoch.Mean;
        if (mean.Spread < CollapsedSpread)
            yield return "the embeddings are collapsing to a point: lower the learning rate, or raise the key momentum";
        else if (mean.Loss > StuckShare * epoch.ChanceLoss && epoch.Epoch > 0)
            yield return "the loss is still that of guessing: check the learning rate, and that both views show the same image";
        if (mean.ContrastAccuracy > EasyAccuracy)
            yield return "the task is too easy, the augmentation too weak or BatchNorm giving the answer away: strengthen the crops, and keep ShuffleKeys with BatchNormSplits above 1";
        if (epoch.WaitShare > WaitingShare)
            yield return "training waits for data: raise Workers, or use smaller images on faster storage";
    }
}
