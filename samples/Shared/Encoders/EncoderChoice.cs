using MoCo.Distributed;

namespace Samples.Encoders;

/// <summary>Which encoder is asked for, and how it shall look at images.</summary>
/// <param name="Path">Any file of weights.</param>
/// <param name="Stem">The first layers, where the file leaves them open; null: the library's guess.</param>
/// <param name="Embedding">Whether the head's output counts, not the backbone's.</param>
internal sealed record EncoderChoice(string Path, Stem? Stem, bool Embedding)
{
    /// <summary>Width and height of a view; null: by the run's options or the encoder's kind.</summary>
    public int? Size { get; init; }

    /// <summary>The pixels' statistics; null: by the run's options or the encoder's kind.</summary>
    public Normalize? Normalization { get; init; }

    /// <summary>Images that go through the encoder at a time.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>How many images may be unreadable, as <see cref="LoaderOptions.MaximumErrorShare"/>.</summary>
    public double MaximumErrorShare { get; init; } = new LoaderOptions().MaximumErrorShare;

    /// <summary>Whether large JPEGs are decoded smaller.</summary>
    public bool DecodeSmaller { get; init; }

    /// <summary>Threads that read images.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The processes that share the work.</summary>
    public ProcessGroup Group { get; init; } = ProcessGroup.Single;

    /// <summary>Where the encoder works.</summary>
    public Device Device { get; init; } = CPU;
}
