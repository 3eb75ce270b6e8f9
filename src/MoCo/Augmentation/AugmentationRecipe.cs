using System.Collections.Immutable;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>From a picture to a view: steps on bytes, then floats. Immutable, shared by all workers.</summary>
public sealed class AugmentationRecipe
{
    /// <summary>Composes a recipe of any steps.</summary>
    /// <param name="outputSize">Width and height that the steps must leave, at least 1.</param>
    /// <param name="steps">The steps, in order.</param>
    /// <param name="normalization">The last step, to floats.</param>
    /// <exception cref="ArgumentException">A size out of range, or a missing step.</exception>
    public AugmentationRecipe(int outputSize, IEnumerable<IAugmentationStep> steps, Normalize normalization)
    {
        Require.Size(outputSize);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(normalization);
        Steps = [.. steps];
        if (Steps.Contains(null!))
            throw new ArgumentException($"Step {Steps.IndexOf(null!)} is null.", nameof(steps));
        (OutputSize, Normalization) = (outputSize, normalization);
    }

    /// <summary>Width and height of a view.</summary>
    public int OutputSize { get; }

    /// <summary>The steps on bytes, in order.</summary>
    public ImmutableArray<IAugmentationStep> Steps { get; }

    /// <summary>The last step, to floats.</summary>
    public Normalize Normalization { get; }

    /// <summary>The number of channels that pictures must have; null: 1 or 3.</summary>
    public int? Channels => Normalization.Channels;

    /// <summary>Training views of grey pictures: RandomResizedCrop, brightness and contrast, flip. What v2's augmentation leaves
    /// of itself without colour.</summary>
    /// <param name="size">Width and height of a view.</param>
    /// <param name="minimumArea">The smallest share of the picture that a crop keeps.</param>
    /// <param name="brightness">Strength of the brightness change.</param>
    /// <param name="contrast">Strength of the contrast change.</param>
    /// <param name="jitterProbability">How often brightness and contrast change.</param>
    /// <param name="flipProbability">How often a view is mirrored; 0 for pictures whose sides matter, such as digits.</param>
    /// <param name="normalization">Null: <see cref="Normalize.HalfRange"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public static AugmentationRecipe Grey(
        int size,
        double minimumArea = 0.2,
        double brightness = 0.4,
        double contrast = 0.4,
        double jitterProbability = 0.8,
        double flipProbability = 0.5,
        Normalize? normalization = null)
    {
        IAugmentationStep[] steps =
        [
            new RandomResizedCrop(size, minimumArea),
            new BrightnessContrast(brightness, contrast, jitterProbability),
            new HorizontalFlip(flipProbability),
        ];
        return new AugmentationRecipe(size, steps, normalization ?? Normalize.HalfRange);
    }

    /// <summary>The same view every time: the shorter side resized, the middle cut, normalised. As is usual, pictures above
    /// 64 pixels are resized to 8⁄7 of the size first (256 for 224), small ones to the size itself.</summary>
    /// <param name="size">Width and height of the view.</param>
    /// <param name="normalization">Null: <see cref="Normalize.HalfRange"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static AugmentationRecipe Evaluation(int size, Normalize? normalization = null)
    {
        Require.Size(size);
        var shorterSide = size <= 64 ? size : size * 8 / 7;
        return new AugmentationRecipe(size, [new ResizeShorterSide(shorterSide), new CenterCrop(size)], normalization ?? Normalize.HalfRange);
    }

    /// <summary>The evaluation recipe with this one's size and normalisation: what to measure an encoder with that was trained on these views.</summary>
    public AugmentationRecipe ForEvaluation() => Evaluation(OutputSize, Normalization);

    /// <summary>This recipe with one step more at its end, before normalisation.</summary>
    /// <param name="step">The step.</param>
    public AugmentationRecipe Then(IAugmentationStep step) => new(OutputSize, Steps.Add(step), Normalization);

    /// <summary>This recipe with another normalisation.</summary>
    /// <param name="normalization">The last step.</param>
    public AugmentationRecipe With(Normalize normalization) => new(OutputSize, Steps, normalization);

    /// <summary>Makes one view.</summary>
    /// <param name="picture">The picture, left as it is.</param>
    /// <param name="view">Receives size·size·C values, H×W×C.</param>
    /// <param name="scratch">The worker's own memory.</param>
    /// <param name="random">The view's random numbers.</param>
    /// <exception cref="InvalidOperationException">The steps left another size than <see cref="OutputSize"/>.</exception>
    public void Apply(ImageBuffer picture, Span<float> view, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(scratch);
        var image = scratch.View;
        var next = 0;
        if (Steps.Length > 0 && Steps[0] is IResamplingStep first)
        {
            first.Resample(picture, image, scratch, ref random);
            next = 1;
        }
        else
        {
            image.CopyFrom(picture);
        }

        for (; next < Steps.Length; next++)
            Steps[next].Apply(image, scratch, ref random);
        if (image.Width != OutputSize || image.Height != OutputSize)
            throw new InvalidOperationException($"The recipe promises views of {OutputSize}×{OutputSize}, its steps left one of {image.Width}×{image.Height}.");
        Normalization.Apply(image, view);
    }
}
