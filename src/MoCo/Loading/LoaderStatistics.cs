namespace MoCo.Loading;

/// <summary>What a loader has done: since it was made, or in one epoch.</summary>
/// <param name="Pictures">Pictures delivered, each as one or two views.</param>
/// <param name="Batches">Batches delivered.</param>
/// <param name="Seconds">Time from an enumeration's start to its latest batch or its end, the consumer's own work included; of
/// enumerations at the same time the sum.</param>
/// <param name="SecondsWaited">The part of <paramref name="Seconds"/> that the consumer waited for a batch: near zero where loading keeps up with training.</param>
/// <param name="SecondsDecoding">Time that workers took to read and decode, summed over them.</param>
/// <param name="SecondsAugmenting">Time that workers took to make views, summed over them.</param>
/// <param name="Faults">Places of batches whose picture could not be read.</param>
public readonly record struct LoaderStatistics(
    long Pictures, long Batches, double Seconds, double SecondsWaited, double SecondsDecoding, double SecondsAugmenting, long Faults)
{
    /// <summary>Pictures delivered per second of <see cref="Seconds"/>.</summary>
    public double PicturesPerSecond => Seconds > 0 ? Pictures / Seconds : 0;

    /// <summary>Share of the time that the consumer waited, 0–1.</summary>
    public double WaitShare => Seconds > 0 ? Math.Clamp(SecondsWaited / Seconds, 0, 1) : 0;

    /// <summary>Seconds that reading and decoding one picture took a worker.</summary>
    public double DecodeSecondsPerPicture => Pictures > 0 ? SecondsDecoding / Pictures : 0;

    /// <summary>Seconds that making one picture's views took a worker.</summary>
    public double AugmentSecondsPerPicture => Pictures > 0 ? SecondsAugmenting / Pictures : 0;

    internal LoaderStatistics Plus(LoaderStatistics other) => new(
        Pictures + other.Pictures,
        Batches + other.Batches,
        Seconds + other.Seconds,
        SecondsWaited + other.SecondsWaited,
        SecondsDecoding + other.SecondsDecoding,
        SecondsAugmenting + other.SecondsAugmenting,
        Faults + other.Faults);
}
