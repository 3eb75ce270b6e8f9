using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Data;

namespace MoCo.Loading;

/// <summary>Batches of two random views of each image, and of small ones where the recipe has any, made ahead of time by worker
/// threads.</summary>
/// <remarks>Every batch is a pure function of (seed, epoch, batch number): the same for any number of workers, and for an epoch that is
/// taken up in its middle. An image that cannot be read is recorded in its source's errors and logged once; in its place the batch holds
/// once more the views of the nearest good image before it, the batch seen as a ring, so that batches keep their size. Several threads may
/// each enumerate an epoch of one loader.</remarks>
public sealed class TwoCropLoader : ViewLoader
{
    /// <summary>Makes a loader whose two views are made by one recipe.</summary>
    /// <param name="source">The images, an <see cref="IImageSource"/> or an <see cref="IImageStream"/>; not disposed by the loader.
    /// Everything is checked when the loader is made, and nothing started.</param>
    /// <param name="recipe">From image to view.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="device">Where the batches' tensors shall lie; null: the CPU. For a GPU the workers write to pinned memory.</param>
    /// <param name="logger">Told once of each image that cannot be read.</param>
    /// <exception cref="ArgumentException">Options out of range, a source of another kind, without images or of more than 2³¹ − 1, or a
    /// recipe for other channels.</exception>
    public TwoCropLoader(
        IImageSet source, AugmentationRecipe recipe, LoaderOptions? options = null, torch.Device? device = null, ILogger? logger = null)
        : this(source, new TwoCropRecipe(recipe ?? throw new ArgumentNullException(nameof(recipe))), options, device, logger)
    {
    }

    /// <summary>Makes a loader whose views are made by a recipe each.</summary>
    /// <param name="source">As above.</param>
    /// <param name="recipe">From image to views.</param>
    /// <param name="options">As above.</param>
    /// <param name="device">As above.</param>
    /// <param name="logger">As above.</param>
    /// <exception cref="ArgumentException">As above.</exception>
    public TwoCropLoader(
        IImageSet source, TwoCropRecipe recipe, LoaderOptions? options = null, torch.Device? device = null, ILogger? logger = null)
        : base(source, (recipe ?? throw new ArgumentNullException(nameof(recipe))).All, options ?? new LoaderOptions(), device, logger)
        => Views = recipe;

    /// <summary>From image to views.</summary>
    internal TwoCropRecipe Views { get; }

    /// <summary>The batches of an epoch. Workers start with the enumeration and end with it, however it ends.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">The batch to begin with: where an interrupted run goes on.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>, also while it waits for a
    /// batch.</param>
    /// <returns>Batches that the caller disposes; the memory under a batch's tensors is used again afterwards.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch, or a batch beyond the epoch's end.</exception>
    /// <exception cref="LoaderException">While enumerating: more images than <see cref="LoaderOptions.MaximumErrorShare"/> could not be
    /// read, or a step failed; the batches before a failing step were delivered.</exception>
    public IEnumerable<TwoCropBatch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancellationToken = default) =>
        Engine.Epoch(epoch, firstBatch, leaveOut: false, views => new TwoCropBatch(views, epoch, BatchesPerEpoch), cancellationToken);
}
