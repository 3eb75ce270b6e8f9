using MoCo.Validation;

namespace MoCo.Contrast;

/// <summary>The dictionary of negative keys; the defaults are the paper's.</summary>
public sealed record QueueOptions
{
    /// <summary>K, the number of negative keys, at least one batch's. Default: 65,536.</summary>
    public int Length { get; init; } = 65536;

    /// <summary>Keep sample index and step beside each key. Default: false.</summary>
    public bool TrackSlots { get; init; }

    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="enqueued">Keys that a step puts into the queue.</param>
    internal void Check(OptionErrors errors, long enqueued) => errors
        .Check(Length >= enqueued, Length, $"{enqueued} or more, the keys that a step puts into it");
}

/// <summary>How the key encoder follows the query encoder; the defaults are the paper's.</summary>
public sealed record KeyEncoderOptions
{
    /// <summary>m of the momentum update, 0–1. Default: 0.999.</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>Shuffle the key batch before the key encoder (ShuffleBN). Default: true.</summary>
    public bool ShuffleBatch { get; init; } = true;

    internal void Check(OptionErrors errors) => errors
        .Check(Momentum is >= 0 and <= 1, Momentum, "0 to 1 (0.999 in the paper)");
}
