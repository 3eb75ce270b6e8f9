using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Loading.Pipeline;

/// <summary>What one worker keeps warm from picture to picture, and the picture it is at.</summary>
internal sealed class WorkerMemory
{
    // The pixels of any camera's picture stay below; what is above is a rare giant, which each worker would hold for good.
    private const int LargestKept = 256 << 20;

    internal ImageBuffer Picture { get; private set; } = new();

    internal EncodedPicture Encoded { get; private set; } = new();

    internal AugmentationScratch Scratch { get; } = new();

    /// <summary>The number in its source of the picture at hand.</summary>
    internal int Index { get; set; }

    /// <summary>Its label; −1: none.</summary>
    internal int Label { get; set; }

    /// <summary>Gives a giant picture's memory back.</summary>
    internal void DropGiant()
    {
        if (Picture.Pixels.Length > LargestKept)
            Picture = new();
        if (Encoded.Bytes.Length > LargestKept)
            Encoded = new();
    }
}
