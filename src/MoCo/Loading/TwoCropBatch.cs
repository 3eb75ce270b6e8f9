using MoCo.Loading.Pipeline;

namespace MoCo.Loading;

/// <summary>Two views of each image of a batch, and any number of small ones. Owns its tensors, whatever dispose scope it was
/// made in.</summary>
public sealed class TwoCropBatch : IDisposable
{
    private readonly ViewLease? lease;
    private readonly Tensor[] small = [];
    private ReadOnlyMemory<int>? labels;

    /// <summary>Takes over two tensors.</summary>
    /// <param name="query">The views for the query encoder, N×C×H×W.</param>
    /// <param name="key">The views for the key encoder, the same shape.</param>
    /// <param name="indices">The image behind each row, N numbers.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="number">The batch's number in the epoch, from 0.</param>
    /// <exception cref="ArgumentException">Shapes or lengths that do not agree.</exception>
    public TwoCropBatch(Tensor query, Tensor key, ReadOnlyMemory<int> indices, int epoch, int number)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (query.shape.Length != 4) throw Bad(nameof(query), $"Expected views of shape N×C×H×W, found {string.Join('×', query.shape)}.");
        if (!query.shape.AsSpan().SequenceEqual(key.shape))
            throw Bad(nameof(key), $"Expected the query's shape {string.Join('×', query.shape)}, found {string.Join('×', key.shape)}.");
        if (indices.Length != query.shape[0])
            throw Bad(nameof(indices), $"Expected {query.shape[0]} image numbers, one for each view, found {indices.Length}.");
        (Query, Key) = (query.DetachFromDisposeScope(), key.DetachFromDisposeScope());
        (Indices, Epoch, Number) = (indices, epoch, number);

        static ArgumentException Bad(string parameter, string why) => new(why, parameter);
    }

    internal TwoCropBatch(DeliveredViews views, int epoch, int batchesPerEpoch)
    {
        (Query, Key, Indices, labels, lease) = (views.Views[0], views.Views[1], views.Indices, views.Labels, views.Lease);
        (Epoch, Number, BatchesPerEpoch, small) = (epoch, views.Number, batchesPerEpoch, views.Views[2..]);
    }

    /// <summary>The views for the query encoder, N×C×H×W; from a loader: channels-last, and their memory is
    /// used again once the batch is disposed, so clone what shall outlive it.</summary>
    public Tensor Query { get; }

    /// <summary>The views for the key encoder, as <see cref="Query"/>.</summary>
    public Tensor Key { get; }

    /// <summary>Small views for the query encoder (multi-crop), N×C×h×w each, row n showing the image of row n of <see cref="Query"/>; none
    /// where empty. The batch takes them over.</summary>
    /// <exception cref="ArgumentException">Shapes that do not agree.</exception>
    public IReadOnlyList<Tensor> SmallViews
    {
        get => small;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            long[] expected = [Query.shape[0], Query.shape[1], .. value.Count > 0 ? value[0].shape.Skip(2) : []];
            foreach (Tensor view in value)
                if (view.dim() != 4 || !view.shape.AsSpan().SequenceEqual(expected))
                    throw new ArgumentException($"Expected small views of shape {expected[0]}×{expected[1]}×h×w, all alike, found "
                        + $"{string.Join('×', view.shape)}.", nameof(value));
            small = [.. value.Select(view => view.DetachFromDisposeScope())];
        }
    }

    /// <summary>The number in its source of the image behind each row.</summary>
    public ReadOnlyMemory<int> Indices { get; }

    /// <summary>The label of each row; −1 where it has none, or where none were given.</summary>
    /// <exception cref="ArgumentException">Other than N labels.</exception>
    public ReadOnlyMemory<int> Labels
    {
        get
        {
            if (labels is { } given) return given;
            int[] unknown = new int[Size];
            Array.Fill(unknown, -1);
            labels = unknown;
            return unknown;
        }
        init
        {
            if (value.Length != Size)
                throw new ArgumentException($"Expected {Size} labels, one for each view, found {value.Length}.", nameof(value));
            labels = value;
        }
    }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The batch's number in the epoch, from 0.</summary>
    public int Number { get; }

    /// <summary>Batches in the whole epoch; 0 where unknown. A schedule that follows every step needs it.</summary>
    public int BatchesPerEpoch { get; init; }

    /// <summary>Images in the batch (N).</summary>
    public int Size => Indices.Length;

    /// <summary>Frees the tensors and gives their memory back to the loader they came from.</summary>
    public void Dispose()
    {
        Query.Dispose();
        Key.Dispose();
        Array.ForEach(small, view => view.Dispose());
        lease?.Dispose();
    }
}
