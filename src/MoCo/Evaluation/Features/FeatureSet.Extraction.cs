using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Distributed;
using MoCo.Loading;
using MoCo.Tensors;

namespace MoCo.Evaluation.Features;

/// <content>An encoder run over all images of a source. Nothing changes on the way: not the encoder's mode, not its buffers, no random
/// numbers.</content>
public sealed partial class FeatureSet
{
    /// <summary>Batches of views that are made ahead of the encoder.</summary>
    internal const int BatchesAhead = 3;

    /// <summary>Extracts a feature vector of each image.</summary>
    /// <param name="encoder">From N×C×H×W to N×D; in evaluation mode meanwhile.</param>
    /// <param name="source">The images; those that cannot be read are left out.</param>
    /// <param name="recipe">From image to view, usually <see cref="AugmentationRecipe.Evaluation"/>.</param>
    /// <param name="batchSize">Images at a time, at least 1; the features do not depend on it. Null: <see cref="UsualBatchSize"/>.</param>
    /// <param name="device">Where the encoder lies; null: the CPU.</param>
    /// <param name="workers">Threads that read images; null: all processors but one.</param>
    /// <param name="maximumErrorShare">How many images may be unreadable, as <see cref="LoaderOptions.MaximumErrorShare"/>; null: its
    /// default.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×D features on the CPU, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static FeatureSet Extract(
        nn.Module<Tensor, Tensor> encoder,
        IImageSet source,
        AugmentationRecipe recipe,
        int? batchSize = null,
        Device? device = null,
        int? workers = null,
        double? maximumErrorShare = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(recipe);
        LoaderOptions options = Options(batchSize ?? UsualBatchSize(recipe.OutputSize, device), workers, maximumErrorShare);
        using SingleViewLoader loader = new(source, recipe, options, device);
        return Extract(encoder, loader, cancellationToken);
    }

    /// <summary>Extracts a feature vector of each image that a loader delivers in its first epoch.</summary>
    /// <param name="encoder">From N×C×H×W to N×D, on the loader's device; in evaluation mode meanwhile.</param>
    /// <param name="loader">The views, of any source or stream.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×D features on the CPU, in the loader's order.</returns>
    /// <exception cref="ArgumentException">An encoder whose output is not N×D.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static FeatureSet Extract(
        nn.Module<Tensor, Tensor> encoder, SingleViewLoader loader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(loader);
        using EvaluationMode mode = new(encoder);
        using IDisposable constant = no_grad();
        return Collect(loader, encoder.Features, cancellationToken);
    }

    /// <summary>Extracts a feature vector of each image, each rank of its share of them: the same features as those of
    /// <see cref="Extract(nn.Module{Tensor, Tensor}, IImageSet, AugmentationRecipe, int?, Device?, int?, double?, CancellationToken)"/>
    /// by one process, as far as the ranks' encoders are equal. Every rank makes the call.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="encoder">As there.</param>
    /// <param name="source">As there.</param>
    /// <param name="recipe">As there.</param>
    /// <param name="batchSize">As there.</param>
    /// <param name="device">As there.</param>
    /// <param name="workers">Threads of each rank; null: its share of the processors.</param>
    /// <param name="maximumErrorShare">As there, of each rank's images.</param>
    /// <returns>On rank 0 all features, on the others null.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="InvalidDataException">No image at all could be read; rank 0 throws.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static FeatureSet? ExtractTogether(
        ProcessGroup group,
        nn.Module<Tensor, Tensor> encoder,
        IImageSource source,
        AugmentationRecipe recipe,
        int? batchSize = null,
        Device? device = null,
        int? workers = null,
        double? maximumErrorShare = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(recipe);
        if (group.Size == 1) return Extract(encoder, source, recipe, batchSize, device, workers, maximumErrorShare);
        int[] own = [.. Enumerable.Range(0, source.Count).Where(image => image % group.Size == group.Rank)];
        int share = Math.Max(1, new LoaderOptions().Workers / group.LocalSize);
        LoaderOptions options
            = Options(batchSize ?? UsualBatchSize(recipe.OutputSize, device), workers ?? share, maximumErrorShare);
        using EvaluationMode mode = new(encoder);
        using IDisposable constant = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Pass pass = new([], [], null);
        if (own.Length > 0)
        {
            using SingleViewLoader loader = new(new ImageSubset(source, own), recipe, options, device);
            pass = Run(loader, encoder.Features, default);
        }
        return RankFeatures.Join(group, pass.Features, [.. pass.Indices.Select(index => own[index])], pass.Labels, source);
    }

    /// <summary>Takes the pixels of each image's evaluation view as its feature vector: what an encoder has to beat.</summary>
    /// <param name="source">The images; those that cannot be read are left out.</param>
    /// <param name="size">Width and height of the evaluation view.</param>
    /// <param name="workers">Threads that read images; null: all processors but one.</param>
    /// <param name="maximumErrorShare">How many images may be unreadable, as <see cref="LoaderOptions.MaximumErrorShare"/>; null: its
    /// default.</param>
    /// <param name="cancellationToken">Ends the extraction between two batches.</param>
    /// <returns>N×(H·W·C) features, scaled to 0 … 1, in the source's order.</returns>
    /// <exception cref="ArgumentException">An argument out of range.</exception>
    /// <exception cref="LoaderException">Too many images could not be read.</exception>
    public static FeatureSet Pixels(
        IImageSet source,
        int size,
        int? workers = null,
        double? maximumErrorShare = null,
        CancellationToken cancellationToken = default)
    {
        AugmentationRecipe recipe = AugmentationRecipe.Evaluation(size, Normalize.UnitRange);
        using SingleViewLoader loader = new(source, recipe, Options(batchSize: 512, workers, maximumErrorShare));
        using IDisposable constant = no_grad();
        // N×C×H×W in channels-last memory: the rows as they lie.
        return Collect(loader, views => views.permute(0, 2, 3, 1).flatten(1), cancellationToken);
    }

    /// <summary>Images of which features are made at a time where nobody says otherwise: as many as have two million pixels, on a GPU
    /// sixteen million, but 512 at most. A ResNet-50 takes a gigabyte for them.</summary>
    /// <param name="viewSize">Width and height of a view, at least 1.</param>
    /// <param name="device">Where the encoder lies; null: the CPU.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="viewSize"/> is below 1.</exception>
    public static int UsualBatchSize(int viewSize, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(viewSize, 1);
        long pixels = device is null || device.type == DeviceType.CPU ? 1 << 21 : 1 << 24;
        return (int)Math.Clamp(pixels / ((long)viewSize * viewSize), 1, 512);
    }

    private static LoaderOptions Options(int batchSize, int? workers, double? maximumErrorShare)
    {
        if (workers is < 1) throw new ArgumentOutOfRangeException(nameof(workers), workers, "Expected at least 1 thread.");
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        LoaderOptions usual = new() { BatchSize = batchSize, Shuffle = false, PrefetchBatches = BatchesAhead };
        return usual with
        {
            Workers = workers ?? usual.Workers,
            MaximumErrorShare = maximumErrorShare ?? usual.MaximumErrorShare,
        };
    }

    /// <summary>Gathers the feature vectors of a pass in the source's order. Images that could not be read have none.</summary>
    private static FeatureSet Collect(SingleViewLoader loader, Func<Tensor, Tensor> extract, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        (List<int> labels, List<int> indices, Tensor? features) = Run(loader, extract, cancellationToken);
        if (features is null)
        {
            throw new InvalidDataException(
                $"{loader.Source.Name}: none of {loader.Count} images could be read; the first: {loader.Source.Errors.First[0]}");
        }
        bool complete = labels.Count == loader.Count;
        bool known = loader.Source.Classes.Count > 0 && labels.Exists(label => label != Unlabelled);
        return new FeatureSet(features, known ? labels : null, complete ? null : indices);
    }

    /// <summary>A pass over a loader's images, in its order.</summary>
    /// <returns>The labels, numbers and features of those that could be read, the last n×D in the caller's scope, or null where none
    /// could.</returns>
    private static Pass Run(SingleViewLoader loader, Func<Tensor, Tensor> extract, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        (List<int> labels, List<int> indices, Tensor? features) = ([], [], null);
        TensorMemory.Pool?.Trim(); // these tensors seldom fit into the gaps that a step leaves, which would be held beside them
        foreach (SingleViewBatch batch in loader.Epoch(cancellationToken: cancellationToken))
        {
            using DisposeScope inner = NewDisposeScope();
            using (batch)
            {
                Tensor output = extract(batch.Views); // n×D
                features ??= empty(loader.Count, output.shape[1], dtype: ScalarType.Float32).MoveToOuterDisposeScope();
                features.narrow(0, labels.Count, batch.Size).copy_(output);
                labels.AddRange(batch.Labels.Span);
                indices.AddRange(batch.Indices.Span);
            }
        }
        TensorMemory.Pool?.Trim();
        // Rows are written from the front: those of unreadable images are at the end.
        return new Pass(labels, indices, features?.narrow(0, 0, labels.Count).MoveToOuterDisposeScope());
    }

    private readonly record struct Pass(List<int> Labels, List<int> Indices, Tensor? Features);
}
