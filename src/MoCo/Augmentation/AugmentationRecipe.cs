using System.Collections.Immutable;
using System.Drawing;
using MoCo.Augmentation.Color;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>From an image to a view: steps on bytes, then floats. Immutable, shared by all workers.</summary>
public sealed partial class AugmentationRecipe
{
    /// <summary>Composes a recipe of any steps.</summary>
    /// <param name="outputSize">Width and height that the steps must leave, at least 1.</param>
    /// <param name="steps">The steps, in order.</param>
    /// <param name="normalization">The last step, to floats.</param>
    /// <exception cref="ArgumentException">A size out of range, or a missing step.</exception>
    public AugmentationRecipe(int outputSize, IEnumerable<AugmentationStep> steps, Normalize normalization)
    {
        Require.Size(outputSize);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(normalization);
        (OutputSize, Steps, Normalization) = (outputSize, [.. steps], normalization);
        if (Steps.IndexOf(null!) is >= 0 and int missing) throw new ArgumentException($"Step {missing} is null.", nameof(steps));
    }

    /// <summary>Width and height of a view.</summary>
    public int OutputSize { get; }

    /// <summary>The steps on bytes, in order.</summary>
    public ImmutableArray<AugmentationStep> Steps { get; }

    /// <summary>The last step, to floats.</summary>
    public Normalize Normalization { get; }

    /// <summary>The number of channels that images must have; null: 1 or 3.</summary>
    public int? Channels => Normalization.Channels;

    /// <summary>The evaluation recipe with this one's size and normalisation: what to measure an encoder with that was trained on these
    /// views.</summary>
    public AugmentationRecipe ForEvaluation() => Evaluation(OutputSize, Normalization);

    /// <summary>This recipe with one step more at its end, before normalisation.</summary>
    /// <param name="step">The step.</param>
    public AugmentationRecipe Then(AugmentationStep step) => new(OutputSize, Steps.Add(step), Normalization);

    /// <summary>The rectangle of an image that a view shows, which is the first that it draws; null where the recipe does not begin with a
    /// <see cref="AugmentationStep.RandomResizedCrop"/>.</summary>
    /// <param name="width">The image's columns.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="random">The view's random numbers, before anything is drawn of them.</param>
    public Rectangle? Crop(int width, int height, SampleRandom random) =>
        Steps is [RandomResizedCrop first, ..] ? first.Draw(width, height, ref random) : null;

    /// <summary>Makes one view, as floats.</summary>
    /// <param name="image">The image, left as it is.</param>
    /// <param name="view">Receives size·size·C values, H×W×C.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    /// <exception cref="InvalidOperationException">The steps left another size than <see cref="OutputSize"/>.</exception>
    public void Apply(ImageBuffer image, Span<float> view, AugmentationScratch scratch, ref SampleRandom random) =>
        Normalization.Apply(Augment(image, scratch, ref random), view);

    /// <summary>The same, straight into a batch's memory, as floats or as bfloat16.</summary>
    internal void Apply(ImageBuffer image, Span<byte> view, bool bfloat16, AugmentationScratch scratch, ref SampleRandom random) =>
        Normalization.Apply(Augment(image, scratch, ref random), view, bfloat16);

    /// <summary>By which factor, 1, 2, 4 or 8, an image of a size may be decoded smaller for a view: the first step resizes it, and draws
    /// first what it draws.</summary>
    internal int Reduction(int width, int height, SampleRandom random) =>
        Steps.Length > 0 && Steps[0] is ResamplingStep first ? first.Reduction(width, height, random) : 1;

    /// <summary>The steps on bytes alone: the view as it can be looked at.</summary>
    /// <param name="image">The image, left as it is.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    /// <returns>The view, in the scratch's memory: valid until the scratch is used again.</returns>
    /// <exception cref="InvalidOperationException">The steps left another size than <see cref="OutputSize"/>.</exception>
    public ImageBuffer Augment(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        // A view whose steps failed may have left some that are none of this one's.
        scratch.Color.Clear();
        ImageBuffer view = scratch.View;
        int next = 0;
        if (Steps.Length > 0 && Steps[0] is ResamplingStep first)
        {
            first.Resample(image, view, scratch, ref random);
            next = 1;
        }
        else view.CopyFrom(image);
        // Color steps wait for one another, so that neighbours share their passes over the pixels.
        for (; next < Steps.Length; next++)
        {
            if (Steps[next] is ColorStep color)
            {
                color.Plan(scratch, ref random);
                continue;
            }
            scratch.Color.Run(view);
            Steps[next].Apply(view, scratch, ref random);
        }
        scratch.Color.Run(view);
        return view.Width == OutputSize && view.Height == OutputSize ? view : throw new InvalidOperationException(
            $"The recipe promises views of {OutputSize}×{OutputSize}, its steps left one of {view.Width}×{view.Height}.");
    }
}
