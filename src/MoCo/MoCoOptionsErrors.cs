using MoCo.Contrast;
using MoCo.Encoders;

namespace MoCo;

/// <summary>What can be wrong with <see cref="MoCoOptions"/>.</summary>
internal static class MoCoOptionsErrors
{
    public static void ThrowIfAny(MoCoOptions options)
    {
        string[] errors = [.. Of(options)];
        if (errors.Length > 0)
            throw new ArgumentException($"The options have {(errors.Length == 1 ? "an error" : $"{errors.Length} errors")}: {string.Join(" ", errors)}");
    }

    public static IEnumerable<string> Of(MoCoOptions o)
    {
        foreach (string error in o.Encoder().Errors()) yield return error;
        if (!Enum.IsDefined(o.Head)) yield return $"Head is {o.Head}; expected a member of {nameof(HeadKind)}.";
        if (!Enum.IsDefined(o.Symmetric)) yield return $"Symmetric is {o.Symmetric}; expected a member of {nameof(SymmetricLoss)}.";
        if (o.EmbeddingDimension is < 1 or > 65536) yield return $"EmbeddingDimension is {o.EmbeddingDimension}; expected 1 to 65536.";
        if (o.BatchNormSplits > 1 && o.BatchSize >= 2 && o.BatchSize < 2 * o.BatchNormSplits)
            yield return $"BatchNormSplits is {o.BatchNormSplits} with BatchSize {o.BatchSize}; expected at most {o.BatchSize / 2}, two samples a group.";
        if (o.BatchSize is < 2 or > 1 << 20) yield return $"BatchSize is {o.BatchSize}; expected 2 to {1 << 20}, since BatchNorm needs two samples.";

        long enqueued = (long)o.BatchSize * (o.Symmetric == SymmetricLoss.Off ? 1 : 2);
        if (o.QueueLength < enqueued) yield return $"QueueLength is {o.QueueLength}; expected {enqueued} or more, the keys of one batch{(o.Symmetric == SymmetricLoss.Off ? "" : " (both views, since the loss is symmetric)")}.";
        if (!(o.KeyMomentum is >= 0 and <= 1)) yield return $"KeyMomentum is {o.KeyMomentum}; expected 0 to 1 (0.999 in the paper).";
        if (!(o.Temperature > 0 && double.IsFinite(o.Temperature))) yield return $"Temperature is {o.Temperature}; expected above 0 (0.07 in v1, 0.2 in v2).";
        if (o.BlockLogits is < 1024) yield return $"BlockLogits is {o.BlockLogits}; expected 1024 or more, or null.";

        if (o.Epochs < 1) yield return $"Epochs is {o.Epochs}; expected 1 or more.";
        if (o.Duration is { } duration && duration <= TimeSpan.Zero) yield return $"Duration is {duration}; expected above 0, or null to train by epochs.";
        if (!(o.LearningRate > 0 && double.IsFinite(o.LearningRate))) yield return $"LearningRate is {o.LearningRate}; expected above 0 (0.03 for batch 256).";
        if (o.Schedule is null) yield return "Schedule is null; expected a StepSchedule or a CosineSchedule.";
        foreach (string error in o.Schedule?.Errors() ?? []) yield return error;
        if (!(o.SgdMomentum is >= 0 and < 1)) yield return $"SgdMomentum is {o.SgdMomentum}; expected 0 to below 1.";
        if (o.Nesterov && o.SgdMomentum == 0) yield return "Nesterov is true with SgdMomentum 0; expected a momentum above 0.";
        if (!(o.WeightDecay is >= 0 and < double.PositiveInfinity)) yield return $"WeightDecay is {o.WeightDecay}; expected 0 or more.";
        if (o.Workers is < 1 or > 1024) yield return $"Workers is {o.Workers}; expected 1 to 1024.";
        if (o.LogEverySteps is < 1 or > 4096) yield return $"LogEverySteps is {o.LogEverySteps}; expected 1 to 4096.";
    }
}
