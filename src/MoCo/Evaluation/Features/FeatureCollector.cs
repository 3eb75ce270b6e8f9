using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Features;

/// <summary>Gathers the feature vectors of a pass in the source's order. Images that could not be read have none.</summary>
internal sealed class FeatureCollector(SingleViewLoader loader) : IDisposable
{
    private readonly int[] labels = new int[loader.Count];
    private readonly int[] indices = new int[loader.Count];
    private Tensor? features;
    private int count;

    internal static LoaderOptions Options(int batchSize, int? workers)
    {
        if (workers is < 1)
            throw new ArgumentOutOfRangeException(nameof(workers), workers, "Expected at least 1 thread.");
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var options = new LoaderOptions { BatchSize = batchSize, Shuffle = false, PrefetchBatches = 3 };
        return workers is { } threads ? options with { Workers = threads } : options;
    }

    /// <summary>Runs a whole pass.</summary>
    /// <param name="extract">From a batch's views, N×C×H×W, to features, N×D; what it makes in a dispose scope is freed.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    internal FeatureSet Collect(Func<Tensor, Tensor> extract, CancellationToken cancellationToken)
    {
        foreach (var batch in loader.Epoch(cancellationToken: cancellationToken))
        {
            using var scope = NewDisposeScope();
            using (batch)
                Add(batch, extract(batch.Views));
        }

        if (count == 0)
            throw new InvalidDataException($"{loader.Source.Name}: none of {loader.Count} images could be read; the first: {loader.Source.Errors.First[0]}");
        return Finish();
    }

    public void Dispose() => features?.Dispose();

    private void Add(SingleViewBatch batch, Tensor output)
    {
        features ??= empty(loader.Count, output.shape[1], dtype: ScalarType.Float32).DetachFromDisposeScope();
        features.narrow(0, count, batch.Size).copy_(output);
        batch.Labels.CopyTo(labels.AsMemory(count));
        batch.Indices.CopyTo(indices.AsMemory(count));
        count += batch.Size;
    }

    private FeatureSet Finish()
    {
        bool complete = count == loader.Count;
        bool known = loader.Source.Classes.Count > 0 && !labels.AsSpan(0, count).Contains(-1);
        // Rows are written from the front: those of unreadable images are at the end.
        var rows = complete ? features! : features!.narrow(0, 0, count);
        var set = new FeatureSet(rows, known ? labels[..count] : null, complete ? null : indices[..count]);
        if (!complete)
            features!.Dispose();
        features = null;
        return set;
    }
}
