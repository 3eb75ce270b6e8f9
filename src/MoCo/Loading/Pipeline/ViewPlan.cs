using MoCo.Augmentation;
using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>The work of one pass over a source: which views, in which batches.</summary>
/// <param name="Set">The images.</param>
/// <param name="Recipe">From image to view.</param>
/// <param name="Options">Batches, order, seed, workers.</param>
/// <param name="Views">Views of each image.</param>
/// <param name="Count">Images of the pass: this rank's.</param>
/// <param name="EndBatch">Batches of a whole epoch.</param>
/// <param name="Epoch">The epoch that the views belong to.</param>
/// <param name="FirstBatch">The first batch to make.</param>
internal sealed record ViewPlan(
    IImageSet Set, AugmentationRecipe Recipe, LoaderOptions Options, int Views, long Count, int EndBatch, int Epoch = 0, int FirstBatch = 0)
{
    internal int BytesPerView { get; } = Recipe.OutputSize * Recipe.OutputSize * Set.Channels * Options.Format.BytesPerValue;

    /// <summary>Whose work it is, for messages.</summary>
    internal Type Loader => Views == 1 ? typeof(SingleViewLoader) : typeof(TwoCropLoader);

    /// <summary>Rows of a full batch.</summary>
    internal int Rows => (int)Math.Min(Options.BatchSize, Count);

    internal int SizeOf(int batch) => (int)Math.Min(Options.BatchSize, Count - ((long)batch * Options.BatchSize));

    /// <summary>Plans epoch 0. Refuses at once what no worker could do later.</summary>
    internal static ViewPlan Make(IImageSet source, AugmentationRecipe recipe, LoaderOptions options, int views)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(recipe);
        options.Validate();
        long total = ImagePass.CountOf(source);
        if (total < 1) throw new ArgumentException($"{source.Name} has no images.", nameof(source));
        if (total > int.MaxValue)
            throw new ArgumentException($"{source.Name} has {total} images; at most {int.MaxValue} make an epoch.", nameof(source));
        if (recipe.Channels is { } channels && channels != source.Channels)
        {
            throw new ArgumentException(
                $"The recipe takes images of {channels} channels, {source.Name} has images of {source.Channels}.", nameof(recipe));
        }
        // A span of bytes ends at 2³¹ − 1, and the address of a tensor's memory is had through one.
        Int128 bytes = (Int128)options.BatchSize * recipe.OutputSize * recipe.OutputSize * source.Channels * options.Format.BytesPerValue;
        if (bytes > int.MaxValue)
        {
            throw new ArgumentException(
                $"A batch of {options.BatchSize} views of {recipe.OutputSize}×{recipe.OutputSize}×{source.Channels} takes {bytes} "
                + $"bytes; at most {int.MaxValue} are possible.", nameof(options));
        }
        long count = total / options.Ranks;
        if (count == 0)
        {
            throw new ArgumentException(
                $"{source.Name} has {total} images, fewer than the {options.Ranks} ranks that share them.", nameof(options));
        }
        long batches = options.DropLast ? count / options.BatchSize : (count + options.BatchSize - 1) / options.BatchSize;
        if (batches == 0)
        {
            string each = options.Ranks == 1 ? "" : $" for each of {options.Ranks} ranks";
            throw new ArgumentException(
                $"{source.Name} has {count} images{each}, fewer than one batch of {options.BatchSize}, and DropLast leaves out what is "
                + "not full.", nameof(options));
        }
        return new ViewPlan(source, recipe, options, views, count, (int)batches);
    }
}
