namespace MoCo.Contrast.Negatives;

/// <summary>Points between two unit vectors, h = (λ·a + (1−λ)·b) / |λ·a + (1−λ)·b|, as further negatives of each query. None of them is
/// ever made: products with the query and sums over the points follow from those of what they are mixed of.</summary>
internal sealed class MixedNegatives
{
    /// <summary>Numbers of a CPU's block of gathered keys, 1 MiB of float32: what is gathered stays in cache for the product.</summary>
    private const long BlockNumbers = 1 << 18;

    private const double LeastSquaredLength = 1e-12;
    private readonly Tensor q, keys;
    private readonly Tensor ofFirst, ofSecond; // what a point has of a and of b, its length divided out: N×E

    /// <param name="q">Queries, N×dim, without gradient.</param>
    /// <param name="keys">The queue's keys, K×dim.</param>
    /// <param name="similarities">q·keysᵀ, N×K.</param>
    /// <param name="first">a of the first s points, N×s, as places in the queue; that of the other s′ is the query.</param>
    /// <param name="second">b of all E = s + s′ points, N×E.</param>
    /// <param name="share">λ, N×E.</param>
    public MixedNegatives(Tensor q, Tensor keys, Tensor similarities, Tensor first, Tensor second, Tensor share)
    {
        (this.q, this.keys, First, Second, Share) = (q, keys, first, second, share);
        using DisposeScope scope = NewDisposeScope();
        using Scalar two = 2L.ToScalar(), least = LeastSquaredLength.ToScalar();
        long pairs = first.shape[1], withQuery = second.shape[1] - pairs;
        Tensor squaredKeys = (keys * keys).sum(1), squaredQueries = (q * q).sum(1, keepdim: true).expand(-1, withQuery); // K, N×s′
        Tensor qb = similarities.gather(1, second);                                                          // q·b: N×E
        Tensor qa = cat([similarities.gather(1, first), squaredQueries], 1);                                 // q·a: N×E
        Tensor ab = cat([Products(first, second.narrow(1, 0, pairs)), qb.narrow(1, pairs, withQuery)], 1);   // a·b: N×E
        Tensor aa = cat([squaredKeys.take(first), squaredQueries], 1), bb = squaredKeys.take(second);        // a·a, b·b: N×E
        Tensor rest = share.neg().add_(One, One);
        Tensor squared = (share * share * aa).addcmul_(rest * rest, bb, One).addcmul_(share * rest, ab, two);
        Tensor inverse = squared.clamp_min_(least).rsqrt_();
        (Tensor a, Tensor b) = (share * inverse, rest * inverse);
        (ofFirst, ofSecond) = (a.MoveToOuterDisposeScope(), b.MoveToOuterDisposeScope());
        Similarities = (a * qa).addcmul_(b, qb, One).MoveToOuterDisposeScope();
    }

    /// <summary>a's places in the queue, N×s.</summary>
    public Tensor First { get; }

    /// <summary>b's places in the queue, N×(s+s′).</summary>
    public Tensor Second { get; }

    /// <summary>λ, N×(s+s′).</summary>
    public Tensor Share { get; }

    /// <summary>q·h, N×(s+s′).</summary>
    public Tensor Similarities { get; }

    /// <summary>Σ weight·h over each query's points, N×dim: the weights go to the keys that the points are mixed of, and all queries' sums
    /// are one product.</summary>
    /// <param name="weights">N×(s+s′).</param>
    public Tensor Sum(Tensor weights)
    {
        using DisposeScope scope = NewDisposeScope();
        long pairs = First.shape[1];
        Tensor a = weights * ofFirst, b = weights * ofSecond;
        Tensor ofKeys = zeros(q.shape[0], keys.shape[0], dtype: q.dtype, device: q.device); // N×K
        ofKeys.scatter_add_(1, Second, b).scatter_add_(1, First, a.narrow(1, 0, pairs));
        Tensor ofQuery = a.narrow(1, pairs, a.shape[1] - pairs).sum(1, keepdim: true);      // N×1
        return ofKeys.matmul(keys).addcmul_(q, ofQuery, One).MoveToOuterDisposeScope();
    }

    /// <summary>n_i·n_j, N×s.</summary>
    private Tensor Products(Tensor first, Tensor second)
    {
        (long batch, long pairs, long dimension) = (first.shape[0], first.shape[1], keys.shape[1]);
        long rows = q.device_type == DeviceType.CPU ? Math.Max(1, BlockNumbers / Math.Max(1, pairs * dimension)) : batch;
        Tensor products = empty(batch, pairs, dtype: q.dtype, device: q.device);
        for (long row = 0; row < batch; row += rows)
        {
            using DisposeScope scope = NewDisposeScope();
            long length = Math.Min(rows, batch - row);
            Tensor a = keys.index_select(0, first.narrow(0, row, length).flatten()), b = keys.index_select(
                0, second.narrow(0, row, length).flatten());
            products.narrow(0, row, length).copy_(a.mul_(b).sum(1).view(length, pairs));
        }
        return products;
    }
}
