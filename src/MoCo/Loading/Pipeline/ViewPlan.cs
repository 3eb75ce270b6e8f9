using System.Collections.Immutable;
using MoCo.Augmentation;
using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>The work of one pass over a source: which views, in which batches.</summary>
/// <param name="Set">The images.</param>
/// <param name="Recipes">From image to view, for each view of an image.</param>
/// <param name="Options">Batches, order, seed, workers.</param>
/// <param name="Count">Images of the pass: this rank's.</param>
/// <param name="EndBatch">Batches of a whole epoch.</param>
/// <param name="Epoch">The epoch that the views belong to.</param>
/// <param name="FirstBatch">The first batch to make.</param>
internal sealed record ViewPlan(
    IImageSet Set, ImmutableArray<AugmentationRecipe> Recipes, LoaderOptions Options, long Count, int EndBatch, int Epoch = 0,
    int FirstBatch = 0)
{
    /// <summary>Views of each image.</summary>
    internal int Views => Recipes.Length;

    /// <summary>Whose work it is, for messages.</summary>
    internal Type Loader => Views == 1 ? typeof(SingleViewLoader) : typeof(TwoCropLoader);

    /// <summary>Rows of a full batch.</summary>
    internal int Rows => (int)Math.Min(Options.BatchSize, Count);

    internal int BytesOf(int view) => Recipes[view].OutputSize * Recipes[view].OutputSize * Set.Channels * Options.BytesPerValue;

    internal int SizeOf(int batch) => (int)Math.Min(Options.BatchSize, Count - ((long)batch * Options.BatchSize));

    /// <summary>Plans epoch 0. Refuses at once what no worker could do later.</summary>
    internal static ViewPlan Make(IImageSet source, IReadOnlyList<AugmentationRecipe> recipes, LoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (AugmentationRecipe recipe in recipes) ArgumentNullException.ThrowIfNull(recipe);
        options.Validate();
        string name = source.Name;
        long total = ImagePass.CountOf(source);
        if (total < 1) throw Bad(nameof(source), $"{name} has no images.");
        if (total > int.MaxValue) throw Bad(nameof(source), $"{name} has {total} images; at most {int.MaxValue} make an epoch.");
        int batch = options.BatchSize;
        foreach (AugmentationRecipe recipe in recipes)
        {
            if (recipe.Channels is { } channels && channels != source.Channels)
                throw Bad(nameof(recipe), $"The recipe takes images of {channels} channels, {name} has images of {source.Channels}.");
            // A span of bytes ends at 2³¹ − 1, and the address of a tensor's memory is had through one.
            int size = recipe.OutputSize;
            Int128 bytes = (Int128)batch * size * size * source.Channels * options.BytesPerValue;
            string views = $"A batch of {batch} views of {size}×{size}×{source.Channels}";
            if (bytes > int.MaxValue) throw Bad(nameof(options), $"{views} takes {bytes} bytes; at most {int.MaxValue} are possible.");
        }

        long count = total / options.Ranks;
        if (count == 0) throw Bad(nameof(options), $"{name} has {total} images, fewer than the {options.Ranks} ranks that share them.");
        long batches = options.DropLast ? count / batch : (count + batch - 1) / batch;
        string few = $"{name} has {count} images{(options.Ranks == 1 ? "" : $" for each of {options.Ranks} ranks")}";
        return batches > 0 ? new ViewPlan(source, [.. recipes], options, count, (int)batches)
            : throw Bad(nameof(options), $"{few}, fewer than one batch of {batch}, and DropLast leaves out what is not full.");

        static ArgumentException Bad(string parameter, string why) => new(why, parameter);
    }
}
