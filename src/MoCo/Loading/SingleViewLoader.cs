using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading.Pipeline;
using TorchSharp;

namespace MoCo.Loading;

/// <summary>Batches of one view of each image, made ahead of time by worker threads: for evaluation, and for training a classifier.</summary>
/// <remarks>The engine and its guarantees are those of <see cref="TwoCropLoader"/>, but for an image that cannot be read: it is
/// left out, and <see cref="SingleViewBatch.Indices"/> says which remain.</remarks>
public sealed class SingleViewLoader : IDisposable
{
    private readonly ViewEngine engine;

    /// <summary>Loads images that are read by number. Checks everything and starts nothing.</summary>
    /// <param name="source">The images; not disposed by the loader.</param>
    /// <param name="recipe">From image to view.</param>
    /// <param name="options">Null: the defaults, without <see cref="LoaderOptions.Shuffle"/>, so that images come in the source's order.</param>
    /// <param name="device">Where the batches' tensors shall lie; null: the CPU. For a GPU the workers write to pinned memory.</param>
    /// <param name="logger">Told once of each image that cannot be read.</param>
    /// <exception cref="ArgumentException">Options out of range, a source without images, or a recipe for other channels.</exception>
    public SingleViewLoader(IImageSource source, AugmentationRecipe recipe, LoaderOptions? options = null, torch.Device? device = null, ILogger? logger = null)
        : this(ViewPlan.Make(source, recipe, options ?? InOrder, 1), device, logger)
    {
    }

    /// <summary>Loads images of a stream. Checks everything and starts nothing.</summary>
    /// <param name="source">The images; not disposed by the loader.</param>
    /// <param name="recipe">From image to view.</param>
    /// <param name="options">Null: the defaults, without <see cref="LoaderOptions.Shuffle"/>, so that images come in the stream's order.</param>
    /// <param name="device">Where the batches' tensors shall lie; null: the CPU. For a GPU the workers write to pinned memory.</param>
    /// <param name="logger">Told once of each image that cannot be read.</param>
    /// <exception cref="ArgumentException">Options out of range, a stream without images or of more than 2³¹ − 1, or a recipe for other channels.</exception>
    public SingleViewLoader(IImageStream source, AugmentationRecipe recipe, LoaderOptions? options = null, torch.Device? device = null, ILogger? logger = null)
        : this(ViewPlan.Make(source, recipe, options ?? InOrder, 1), device, logger)
    {
    }

    private SingleViewLoader(ViewPlan plan, torch.Device? device, ILogger? logger)
    {
        (Source, Recipe, Options, Count, BatchesPerEpoch) = (plan.Set, plan.Recipe, plan.Options, plan.Count, plan.EndBatch);
        engine = new ViewEngine(plan, device, logger);
    }

    /// <summary>The images.</summary>
    public IImageSet Source { get; }

    /// <summary>From image to view.</summary>
    public AugmentationRecipe Recipe { get; }

    /// <summary>The options in use.</summary>
    public LoaderOptions Options { get; }

    /// <summary>Images in an epoch, those that cannot be read included: this rank's, where several share the source.</summary>
    public long Count { get; }

    /// <summary>Batches in an epoch; one of which no image can be read does not come.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>What the loader has done since it was made.</summary>
    public LoaderStatistics Statistics => engine.Statistics;

    /// <summary>What the enumeration that ended last did; null before the first one's end.</summary>
    public LoaderStatistics? LastEpoch => engine.LastEpoch;

    private static LoaderOptions InOrder => new() { Shuffle = false };

    /// <summary>The batches of an epoch. Workers start with the enumeration and end with it, however it ends.</summary>
    /// <param name="epoch">The epoch, from 0: what a recipe draws depends on it.</param>
    /// <param name="firstBatch">The batch to begin with.</param>
    /// <param name="cancellation">Ends the enumeration with an <see cref="OperationCanceledException"/>, also while it waits for a batch.</param>
    /// <returns>Batches that the caller disposes; the memory under a batch's tensor is used again afterwards.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch, or a batch beyond the epoch's end.</exception>
    /// <exception cref="LoaderException">While enumerating: more images than <see cref="LoaderOptions.MaximumErrorShare"/> could not
    /// be read, or a step failed; the batches before a failing step were delivered.</exception>
    public IEnumerable<SingleViewBatch> Epoch(int epoch = 0, int firstBatch = 0, CancellationToken cancellation = default) =>
        engine.Epoch(epoch, firstBatch, leaveOut: true, views => new SingleViewBatch(views, epoch), cancellation);

    /// <summary>Ends all enumerations under way.</summary>
    public void Dispose() => engine.Dispose();
}
