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

    /// <summary>Where steps write down what they drew; null (as in the loader): nowhere, and nothing is allocated for it.</summary>
    public ViewTrace? Trace { get; set; }

    internal ImageBuffer View { get; } = new();

    internal ColorProgram Color { get; } = new();

    internal BilinearResampler Resampler { get; } = new();

    internal BlurFilter Blur { get; } = new();
}

/// <summary>What the steps of a recipe drew for one view: something to read beside the view.</summary>
public sealed class ViewTrace
{
    private readonly List<(string Step, string Drawn)> entries = [];

    /// <summary>The steps that did something, in order, with what they drew.</summary>
    public IReadOnlyList<(string Step, string Drawn)> Entries => entries;

    /// <summary>Adds what a step drew.</summary>
    /// <param name="step">The step's name.</param>
    /// <param name="drawn">Its parameters for this view.</param>
    public void Add(string step, string drawn)
    {
        ArgumentException.ThrowIfNullOrEmpty(step);
        ArgumentNullException.ThrowIfNull(drawn);
        entries.Add((step, drawn));
    }

    /// <summary>Forgets everything, for the next view.</summary>
    public void Clear() => entries.Clear();
}
