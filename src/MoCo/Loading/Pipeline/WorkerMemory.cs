using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Loading.Pipeline;

/// <summary>What one worker keeps warm from image to image, and the image it is at.</summary>
internal sealed class WorkerMemory
{
    // The pixels of any camera's image stay below; what is above is a rare giant, which each worker would hold for good.
    private const int LargestKept = 256 << 20;

    internal ImageBuffer Image { get; private set; } = new();

    internal EncodedImage Encoded { get; private set; } = new();

    internal AugmentationScratch Scratch { get; } = new();

    /// <summary>The number in its source of the image at hand.</summary>
    internal int Index { get; set; }

    /// <summary>Its label; −1: none.</summary>
    internal int Label { get; set; }

    /// <summary>Gives a giant image's memory back.</summary>
    internal void DropGiant()
    {
        if (Image.Pixels.Length > LargestKept)
            Image = new();
        if (Encoded.Bytes.Length > LargestKept)
            Encoded = new();
    }
}
