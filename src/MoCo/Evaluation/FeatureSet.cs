using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>A feature vector for each image of a source that could be read, with the labels where it has some.</summary>
public sealed class FeatureSet : IDisposable
{
    /// <summary>The label of an image whose class is not known.</summary>
    public const int Unlabelled = -1;

    /// <summary>Takes over a tensor.</summary>
    /// <param name="features">N×D float32 on the CPU, contiguous.</param>
    /// <param name="labels">N labels of 0 or more, or <see cref="Unlabelled"/>; null: none is known.</param>
    /// <param name="indices">The number in its source of each vector's image; null: 0 … N − 1.</param>
    /// <exception cref="ArgumentException">Another shape, type or place, or other than N labels or indices.</exception>
    public FeatureSet(Tensor features, int[]? labels, int[]? indices = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.shape.Length != 2 || features.shape[0] < 1 || features.shape[1] < 1)
            throw new ArgumentException($"Expected features of shape N×D, found {string.Join('×', features.shape)}.", nameof(features));
        if (features.dtype != ScalarType.Float32 || features.device_type != DeviceType.CPU || !features.is_contiguous())
            throw new ArgumentException($"Expected contiguous float32 features on the CPU, found {features.dtype} on {features.device_type}.", nameof(features));
        if (labels is not null && labels.Length != features.shape[0])
            throw new ArgumentException($"Expected {features.shape[0]} labels, one for each feature vector, found {labels.Length}.", nameof(labels));
        if (labels is not null && labels.AsSpan().ContainsAnyInRange(int.MinValue, Unlabelled - 1))
            throw new ArgumentException($"Expected labels of 0 or more, or {Unlabelled} where there is none, found {labels.Min()}.", nameof(labels));
        if (indices is not null && indices.Length != features.shape[0])
            throw new ArgumentException($"Expected {features.shape[0]} indices, one for each feature vector, found {indices.Length}.", nameof(indices));
        (Features, Labels, Indices) = (features.DetachFromDisposeScope(), labels, indices);
    }

    /// <summary>The vectors, N×D float32 on the CPU.</summary>
    public Tensor Features { get; }

    /// <summary>The label of each vector, <see cref="Unlabelled"/> where it has none; null where none has one.</summary>
    public int[]? Labels { get; }

    /// <summary>The number in its source of each vector's image; null: 0 … N − 1, every image could be read.</summary>
    public int[]? Indices { get; }

    /// <summary>Vectors (N).</summary>
    public int Count => (int)Features.shape[0];

    /// <summary>Numbers in a vector (D).</summary>
    public int Dimension => (int)Features.shape[1];

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => Features.Dispose();

    /// <summary>The rows that have a label, ascending; null where all have one.</summary>
    internal int[]? LabelledRows()
    {
        var labels = Labels ?? [.. Enumerable.Repeat(Unlabelled, Count)];
        return labels.AsSpan().Contains(Unlabelled) ? [.. Enumerable.Range(0, Count).Where(row => labels[row] != Unlabelled)] : null;
    }

    /// <summary>Some rows as a new n×D tensor; a view where they are a stretch of all.</summary>
    /// <param name="rows">The rows to choose from; null: all.</param>
    /// <param name="start">First of them.</param>
    /// <param name="count">How many (n).</param>
    internal Tensor Rows(int[]? rows, int start, int count)
    {
        if (rows is null)
            return Features.narrow(0, start, count);
        using var indices = tensor(rows.AsSpan(start, count).ToArray(), dtype: ScalarType.Int64);
        return Features.index_select(0, indices);
    }
}
