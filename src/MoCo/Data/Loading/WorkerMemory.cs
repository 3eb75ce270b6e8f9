using MoCo.Augmentation;

namespace MoCo.Data;

/// <summary>What one worker keeps warm from picture to picture, and the picture it is at.</summary>
internal sealed class WorkerMemory
{
    internal ImageBuffer Picture { get; } = new();

    internal EncodedPicture Encoded { get; } = new();

    internal AugmentationScratch Scratch { get; } = new();

    /// <summary>The number in its source of the picture at hand.</summary>
    internal int Index { get; set; }

    /// <summary>Its label; −1: none.</summary>
    internal int Label { get; set; }
}
