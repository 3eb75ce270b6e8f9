namespace MoCo.Loading;

/// <summary>What a loader has done: since it was made, or in one epoch.</summary>
/// <param name="Images">Images delivered, each as one or two views.</param>
/// <param name="Batches">Batches delivered.</param>
/// <param name="Seconds">Time from an enumeration's start to its latest batch or its end, the consumer's own work included; of enumerations
/// at the same time the sum.</param>
/// <param name="SecondsWaited">The part of <paramref name="Seconds"/> that the consumer waited for a batch: near zero where loading keeps
/// up with training.</param>
/// <param name="SecondsDecoding">Time that workers took to read and decode, summed over them.</param>
/// <param name="SecondsAugmenting">Time that workers took to make views, summed over them.</param>
/// <param name="Errors">Places of batches whose image could not be read.</param>
public readonly record struct LoaderStatistics(
    long Images, long Batches, double Seconds, double SecondsWaited, double SecondsDecoding, double SecondsAugmenting, long Errors)
{
    /// <summary>Images delivered per second of <see cref="Seconds"/>.</summary>
    public double ImagesPerSecond => Seconds > 0 ? Images / Seconds : 0;

    /// <summary>Share of the time that the consumer waited, 0–1.</summary>
    public double WaitShare => Seconds > 0 ? Math.Clamp(SecondsWaited / Seconds, 0, 1) : 0;

    /// <summary>Seconds that reading and decoding one image took a worker.</summary>
    public double DecodeSecondsPerImage => Images > 0 ? SecondsDecoding / Images : 0;

    /// <summary>Seconds that making one image's views took a worker.</summary>
    public double AugmentSecondsPerImage => Images > 0 ? SecondsAugmenting / Images : 0;

    internal LoaderStatistics Plus(LoaderStatistics other) => new(
        Images + other.Images, Batches + other.Batches, Seconds + other.Seconds, SecondsWaited + other.SecondsWaited,
        SecondsDecoding + other.SecondsDecoding, SecondsAugmenting + other.SecondsAugmenting, Errors + other.Errors);
}
