namespace MoCo.Contrast;

/// <summary>The dictionary of negative keys; the defaults are the paper's.</summary>
public sealed record QueueOptions
{
    /// <summary>K, the number of negative keys, at least one batch's. Default: 65,536.</summary>
    public int Length { get; init; } = 65536;

    /// <summary>Keep sample index and step beside each key. Default: false.</summary>
    public bool TrackSlots { get; init; }

    internal void Check(OptionErrors errors, long enqueued) => errors
        .Check(Length >= enqueued, Length, $"{enqueued} or more, the keys that a step puts into it");
}
