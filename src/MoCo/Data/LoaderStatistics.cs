namespace MoCo.Data;

/// <summary>What a loader has done since it was made.</summary>
/// <param name="Pictures">Pictures delivered; each as two views.</param>
/// <param name="Batches">Batches delivered.</param>
/// <param name="SecondsWaited">Seconds that the consumer waited for a batch: near zero where loading keeps up with training.</param>
public readonly record struct LoaderStatistics(long Pictures, long Batches, double SecondsWaited);
