using System.Text.Json.Serialization;

namespace MoCo.Contrast.Negatives;

/// <summary>The dictionary of negative keys; the defaults are the paper's.</summary>
public sealed record QueueOptions
{
    /// <summary>K, the number of negative keys, at least one batch's. Default: 65,536.</summary>
    public int Length { get; init; } = 65536;

    /// <summary>Keep sample index, step and label beside each key. Default: false; it is done in any case where <see cref="LeaveOut"/> asks
    /// for it.</summary>
    public bool TrackSlots { get; init; }

    /// <summary>Which keys are no negatives of a query. Default: none are left out, as in the paper.</summary>
    public KeyExclusion LeaveOut { get; init; }

    internal bool NotesSlots => TrackSlots || LeaveOut != KeyExclusion.None;

    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="enqueued">Keys that a step puts into the queue.</param>
    internal void Check(OptionErrors errors, long enqueued) => errors
        .Check(Length >= enqueued, Length, $"{enqueued} or more, the keys that a step puts into it")
        .CheckDefined(LeaveOut);
}

/// <summary>Keys of the queue that leave a query's softmax.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyExclusion>))]
public enum KeyExclusion
{
    /// <summary>All keys are negatives: the paper.</summary>
    None,

    /// <summary>Keys of the query's own image, which a queue meets that is not shorter than the data.</summary>
    OwnImage,

    /// <summary>Keys of the query's class, by its label: what a method could gain that knew the false negatives (the class oracle of
    /// Kalantidis et al. 2020). It looks at labels, so its encoder is not unsupervised.</summary>
    OwnClass,
}
