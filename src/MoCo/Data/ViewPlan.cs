using MoCo.Augmentation;

namespace MoCo.Data;

/// <summary>The work of one pass over a source: which views, in which batches, by how many threads.</summary>
/// <param name="Source">The pictures.</param>
/// <param name="Recipe">From picture to view.</param>
/// <param name="Order">The picture at each place of the pass.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Epoch">The epoch that the views belong to.</param>
/// <param name="Views">Views of each picture.</param>
/// <param name="BatchSize">Pictures in a full batch.</param>
/// <param name="FirstBatch">The first batch to make.</param>
/// <param name="EndBatch">The batch to stop before.</param>
/// <param name="Workers">Threads.</param>
/// <param name="Prefetch">Batches ahead of the consumer.</param>
internal sealed record ViewPlan(
    IImageSource Source,
    AugmentationRecipe Recipe,
    int[] Order,
    long Seed,
    int Epoch,
    int Views,
    int BatchSize,
    int FirstBatch,
    int EndBatch,
    int Workers,
    int Prefetch)
{
    internal int ViewLength => Recipe.OutputSize * Recipe.OutputSize * Source.Channels;

    internal int SizeOf(int batch) => (int)Math.Min(BatchSize, Order.Length - ((long)batch * BatchSize));

    internal int PictureAt(int batch, int place) => Order[(int)(((long)batch * BatchSize) + place)];

    /// <summary>Refuses at once what no worker could do later.</summary>
    internal static void Check(IImageSource source, AugmentationRecipe recipe, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(recipe);
        if (source.Count < 1)
            throw new ArgumentException($"{source.Name} has no pictures.", nameof(source));
        if (recipe.Channels is { } channels && channels != source.Channels)
            throw new ArgumentException($"The recipe takes pictures of {channels} channels, {source.Name} has pictures of {source.Channels}.", nameof(recipe));
        // A span of bytes ends at 2³¹ − 1, and tensors are filled through one.
        var bytes = (Int128)batchSize * recipe.OutputSize * recipe.OutputSize * source.Channels * sizeof(float);
        if (bytes > int.MaxValue)
            throw new ArgumentException($"A batch of {batchSize} views of {recipe.OutputSize}×{recipe.OutputSize}×{source.Channels} takes {bytes} bytes; at most {int.MaxValue} are possible.", nameof(batchSize));
    }
}
