using MoCo.Augmentation.Blur;
using MoCo.Augmentation.Color;
using MoCo.Augmentation.Resampling;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The memory one worker needs to make views; warm after the first images, then nothing is allocated.</summary>
/// <remarks>One thread uses a scratch at a time.</remarks>
public sealed class AugmentationScratch
{
    /// <summary>A second image for a step that cannot work in place; see <see cref="ImageBuffer.Exchange"/>.</summary>
    public ImageBuffer Spare { get; } = new();

    /// <summary>Where the steps that do something write down, in order, what they drew for a view: something to read beside it. Null (as in
    /// the loader): nowhere, and nothing is allocated for it.</summary>
    public ICollection<(string Step, string Drawn)>? Trace { get; set; }

    internal ImageBuffer View { get; } = new();

    internal ColorProgram Color { get; } = new();

    internal BilinearResampler Resampler { get; } = new();

    internal BlurFilter Blur { get; } = new();
}
