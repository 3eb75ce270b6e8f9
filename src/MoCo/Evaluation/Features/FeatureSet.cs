using MoCo.Evaluation.Clustering;

namespace MoCo.Evaluation.Features;

/// <summary>A feature vector for each image of a source that could be read, with the labels where it has some.</summary>
public sealed partial class FeatureSet : IDisposable
{
    /// <summary>The label of an image whose class is not known.</summary>
    public const int Unlabelled = -1;

    private readonly int[]? labels;

    /// <summary>Takes over a tensor.</summary>
    /// <param name="features">N×D float32, contiguous, on any device.</param>
    /// <param name="labels">N labels of 0 or more, or <see cref="Unlabelled"/>; null: none is known.</param>
    /// <param name="indices">The number in its source of each vector's image; null: 0 … N − 1.</param>
    /// <exception cref="ArgumentException">Another shape or type, or other than N labels or indices.</exception>
    public FeatureSet(Tensor features, IReadOnlyList<int>? labels, IReadOnlyList<int>? indices = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        string shape = string.Join('×', features.shape), kind = $"{(features.is_contiguous() ? "" : "strided ")}{features.dtype}";
        if (features.shape.Length != 2 || features.shape[0] < 1 || features.shape[1] < 1)
            throw new ArgumentException($"Expected features of shape N×D, found {shape}.", nameof(features));
        if (features.dtype != ScalarType.Float32 || !features.is_contiguous())
            throw new ArgumentException($"Expected contiguous float32 features, found {kind}.", nameof(features));
        CheckCount(labels, nameof(labels));
        CheckCount(indices, nameof(indices));
        int low = labels?.Min() ?? Unlabelled;
        if (low < Unlabelled)
            throw new ArgumentException($"Expected labels of 0 or more, or {Unlabelled} where there is none, found {low}.", nameof(labels));
        (Features, this.labels, Indices) = (features.DetachFromDisposeScope(), labels?.ToArray(), indices?.ToArray());

        void CheckCount(IReadOnlyList<int>? given, string name)
        {
            if (given is null || given.Count == features.shape[0]) return;
            throw new ArgumentException($"Expected {features.shape[0]} {name}, one for each feature vector, found {given.Count}.", name);
        }
    }

    /// <summary>The vectors, N×D float32; of those that the library extracts, on the CPU.</summary>
    public Tensor Features { get; }

    /// <summary>The label of each vector, <see cref="Unlabelled"/> where it has none; null where none has one.</summary>
    public IReadOnlyList<int>? Labels => labels;

    /// <summary>The number in its source of each vector's image; null: 0 … N − 1, every image could be read.</summary>
    public IReadOnlyList<int>? Indices { get; }

    /// <summary>Vectors (N).</summary>
    public int Count => (int)Features.shape[0];

    /// <summary>Numbers in a vector (D).</summary>
    public int Dimension => (int)Features.shape[1];

    /// <summary>Sorts the vectors, brought to unit length, into clusters by k-means (Lloyd's iterations from k-means++ seeds, Arthur and
    /// Vassilvitskii 2007); the same seed gives the same clusters.</summary>
    /// <param name="clusters">k, 1 to N.</param>
    /// <param name="restarts">Beginnings, of which the one with the least inertia counts, at least 1.</param>
    /// <param name="iterations">Iterations at most of each, at least 1.</param>
    /// <param name="seed">Seed of the beginnings.</param>
    /// <param name="cancellationToken">Ends the work between two iterations.</param>
    /// <returns>The cluster of each vector, 0 to k − 1, and the mean squared distance of the vectors to their centers.</returns>
    /// <exception cref="ArgumentException">A vector is not finite or all zeros.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="OperationCanceledException">The token asked to end.</exception>
    public (IReadOnlyList<int> Clusters, double Inertia) Cluster(
        int clusters, int restarts = 5, int iterations = 100, long seed = 0, CancellationToken cancellationToken = default) =>
        KMeans.Cluster(Features, clusters, restarts, iterations, seed, cancellationToken);

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => Features.Dispose();

    /// <summary>The rows that have a label, ascending.</summary>
    internal int[] LabelledRows() => labels is null ? [] : [.. Enumerable.Range(0, Count).Where(row => labels[row] != Unlabelled)];

    /// <summary>The labels of some rows, n int64 on the features' device.</summary>
    internal Tensor LabelsOf(IEnumerable<int> rows) =>
        tensor([.. rows.Select(row => (long)labels![row])], dtype: ScalarType.Int64, device: Features.device);

    /// <summary>Some rows, n×D; a view where they are a stretch of all.</summary>
    internal Tensor Rows(int[] rows, int start, int count)
    {
        int[] chosen = rows[start..(start + count)];
        if (chosen.AsSpan().SequenceEqual(Enumerable.Range(chosen[0], count).ToArray())) return Features.narrow(0, chosen[0], count);
        using Tensor indices = tensor(chosen, dtype: ScalarType.Int64, device: Features.device);
        return Features.index_select(0, indices);
    }

    /// <exception cref="ArgumentException">A vector is not finite.</exception>
    internal void CheckFinite(string name)
    {
        using IDisposable constant = no_grad();
        int block = Math.Max(1, (1 << 24) / Dimension);
        for (int start = 0; start < Count; start += block)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor finite = Features.narrow(0, start, Math.Min(block, Count - start)).isfinite().all(1).cpu();
            if (finite.all().item<bool>()) continue;
            int broken = start + Array.IndexOf(finite.data<bool>().ToArray(), false);
            throw new ArgumentException($"The features of {name} {broken} are not finite.", name);
        }
    }

    /// <summary>Some rows brought to unit length, stretch by stretch as they are asked for; messages call this set by the name.</summary>
    internal Func<int, int, Tensor> UnitVectors(int[] rows, string name) => (first, count) =>
    {
        using Tensor vectors = Rows(rows, first, count);
        return UnitRows.Of(vectors, name, number: row => rows[first + row]);
    };
}
