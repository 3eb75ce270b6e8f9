using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Data;

namespace MoCo.Loading;

/// <summary>Batches of one view of each image, made ahead of time by worker threads: for evaluation, and for training a
/// classifier.</summary>
/// <remarks>The engine and its guarantees are those of <see cref="TwoCropLoader"/>, but for an image that cannot be read: it is left out,
/// <see cref="SingleViewBatch.Indices"/> says which remain, and a batch of which none remains does not come.</remarks>
/// <param name="source">The images, an <see cref="IImageSource"/> or an <see cref="IImageStream"/>; not disposed by the loader. Everything
/// is checked when the loader is made, and nothing started.</param>
/// <param name="recipe">From image to view.</param>
/// <param name="options">Null: the defaults, without <see cref="LoaderOptions.Shuffle"/>, so that images come in the source's
/// order.</param>
/// <param name="device">Where the batches' tensors shall lie; null: the CPU. For a GPU the workers write to pinned memory.</param>
/// <param name="logger">Told once of each image that cannot be read.</param>
/// <exception cref="ArgumentException">Options out of range, a source of another kind, without images or of more than 2³¹ − 1, or a recipe
/// for other channels.</exception>
public sealed class SingleViewLoader(
    IImageSet source, AugmentationRecipe recipe, LoaderOptions? options = null, torch.Device? device = null, ILogger? logger = null)
    : ViewLoader(source, [recipe], options ?? new LoaderOptions { Shuffle = false }, device, logger)
{
    /// <summary>The batches of an epoch. Workers start with the enumeration and end with it, however it ends.</summary>
    /// <param name="epoch">The epoch, from 0: what a recipe draws depends on it.</param>
    /// <param name="firstBatch">The batch to begin with.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>, also while it waits for a
    /// batch.</param>
    /// <returns>Batches that the caller disposes; the memory under a batch's tensor is used again afterwards.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch, or a batch beyond the epoch's end.</exception>
    /// <exception cref="LoaderException">While enumerating: more images than <see cref="LoaderOptions.MaximumErrorShare"/> could not be
    /// read, or a step failed; the batches before a failing step were delivered.</exception>
    public IEnumerable<SingleViewBatch> Epoch(int epoch = 0, int firstBatch = 0, CancellationToken cancellationToken = default) =>
        Engine.Epoch(epoch, firstBatch, leaveOut: true, views => new SingleViewBatch(views, epoch), cancellationToken);

    /// <summary>The same of other images, or by other options.</summary>
    internal SingleViewLoader Like(IImageSet images, LoaderOptions options) => new(images, Recipe, options, Engine.Device, Engine.Logger);
}
