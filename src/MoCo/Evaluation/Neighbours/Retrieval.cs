using MoCo.Evaluation.Features;
using MoCo.Tensors;

namespace MoCo.Evaluation.Neighbours;

/// <summary>How well similar embeddings are of the same class: each labelled image is a query, and the others come in the order of their
/// cosine similarity to it, equally similar ones by their number.</summary>
/// <param name="Queries">Queries that counted: labelled images that are not the only one of their class.</param>
/// <param name="Alone">Labelled images that are the only one of their class, which nothing could be found for.</param>
/// <param name="MeanAveragePrecision">mAP, 0–1: the mean over queries of the average precision, which is the mean over the images of the
/// query's class of their share among those up to their own place.</param>
/// <param name="Recall">For each k asked for the share of queries with at least one image of their class among the first k, 0–1 (recall@k
/// as Oh Song et al. 2016 have it).</param>
public sealed record Retrieval(
    int Queries, int Alone, double MeanAveragePrecision, IReadOnlyList<(int K, double Share)> Recall)
{
    /// <summary>Similarities at a time at most, each of which takes some 40 bytes.</summary>
    private const int MostSimilarities = 1 << 22;

    private const int MostQueries = 1024;

    /// <summary>Measures it, in blocks on the features' device; the time grows with the square of the images.</summary>
    /// <param name="features">Features with labels; images without one take no part.</param>
    /// <param name="k">Numbers of neighbours to give the recall for, each 1 or more.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">No class has two labelled images, or features that are not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A k below 1.</exception>
    /// <exception cref="OperationCanceledException">The token asked to end.</exception>
    public static Retrieval Measure(FeatureSet features, IReadOnlyList<int> k, CancellationToken cancellationToken = default) =>
        Measure(features, k, MostQueries, cancellationToken);

    internal static Retrieval Measure(FeatureSet features, IReadOnlyList<int> k, int mostQueries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(k);
        foreach (int count in k) ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(k));
        int[] rows = features.LabelledRows();
        Dictionary<int, int> sizes = rows.CountBy(row => features.Labels![row]).ToDictionary();
        int alone = sizes.Values.Count(size => size == 1), queries = rows.Length - alone;
        if (queries == 0)
        {
            throw new ArgumentException(
                $"Expected two labelled images or more of some class, found none among {features.Count}.", nameof(features));
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor unit = features.UnitVectors(rows, nameof(features))(0, rows.Length), labels = features.LabelsOf(rows); // n×D, n
        int block = Math.Clamp(MostSimilarities / rows.Length, 1, mostQueries), others = rows.Length - 1;
        Tensor places = TensorValues.Range(1, rows.Length, 1, unit.device).to(ScalarType.Float64); // 1 … n − 1
        (double sum, long[] found) = (0, new long[k.Count]);
        for (int first = 0; first < rows.Length; first += block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inner = NewDisposeScope();
            int size = Math.Min(block, rows.Length - first);
            Tensor similarities = unit.narrow(0, first, size).matmul(unit.t()); // q×n
            // The query itself comes last, where it is left out.
            similarities.diagonal(first, 0, 1).fill_(NegativeInfinity);
            (_, Tensor order) = sort(similarities, 1, descending: true, stable: true);
            Tensor own = labels.narrow(0, first, size).unsqueeze(1);
            Tensor relevant = labels.index_select(0, order.narrow(1, 0, others).flatten()).view(size, others).eq(own); // q×(n − 1)
            Tensor hits = relevant.cumsum(1, ScalarType.Float64);
            Tensor all = hits.narrow(1, others - 1, 1).squeeze(1).clone(); // q
            Tensor average = hits.div_(places).mul_(relevant).sum(1).div_(all.clamp_min(One));
            sum += average.sum().cpu().item<double>();
            for (int i = 0; i < k.Count; i++)
                found[i] += relevant.narrow(1, 0, Math.Min(k[i], others)).any(1).sum().cpu().item<long>();
        }
        return new Retrieval(queries, alone, sum / queries, [.. k.Zip(found, (count, hit) => (count, (double)hit / queries))]);
    }
}
