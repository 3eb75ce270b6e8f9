namespace MoCo.Evaluation.Diagnostics;

/// <summary>Embeddings seen along the two directions in which they differ most.</summary>
/// <param name="Points">Both coordinates of each embedding, around 0.</param>
/// <param name="ShareX">The first direction's share of the variance, 0–1; 0 where there is none.</param>
/// <param name="ShareY">The second's.</param>
public sealed record PrincipalComponents(IReadOnlyList<(double X, double Y)> Points, double ShareX, double ShareY)
{
    /// <summary>Embeddings of equal images differ in the last digits of float32: that much of their squares is no variance.</summary>
    private const double Rounding = 1e-12;

    private const int RowsAtOnce = 4096;

    /// <summary>Finds them; the same map every time. The time grows with N·D·min(N, D) and min(N, D)³: seconds for 2000 embeddings of 2048
    /// numbers. Memory beside the embeddings: min(N, D)² numbers.</summary>
    /// <param name="embeddings">N×D of any floating type and device, finite, N and D at least 1.</param>
    /// <exception cref="ArgumentException">Another shape or type, or a row that is not finite.</exception>
    public static PrincipalComponents Of(Tensor embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.dim() != 2 || embeddings.numel() == 0 || !embeddings.is_floating_point())
        {
            string found = $"{string.Join('×', embeddings.shape)} {embeddings.dtype}";
            throw new ArgumentException($"Expected embeddings of shape N×D, floating, found {found}.", nameof(embeddings));
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor x = embeddings.detach().cpu(); // N×D
        int broken = Array.IndexOf(x.isfinite().all(1).data<bool>().ToArray(), false);
        if (broken >= 0) throw new ArgumentException($"Embedding {broken} has a value that is not finite.", nameof(embeddings));
        Tensor mean = x.mean([0], type: ScalarType.Float64);
        (long count, bool isWide) = (x.shape[0], x.shape[0] < x.shape[1]);

        // XᵀX and XXᵀ have the same eigenvalues λ above 0, and X·v = √λ·u for their vectors v and u: the smaller matrix tells all.
        Tensor squared = isWide ? Products() : Sum(rows => rows.t().matmul(rows));
        (Tensor values, Tensor vectors) = linalg.eigh(squared); // λ ascending
        long size = values.shape[0], most = Math.Min(2, size);
        Tensor largest = vectors.narrow(1, size - most, most);
        Tensor coordinates = (isWide ? largest.mul(values.narrow(0, size - most, most).relu().sqrt())
            : cat([.. Parts(rows => rows.matmul(largest))])).flip(1); // N×2
        // An eigenvector has no sign of its own: the largest part of a direction counts as positive, or maps were mirrored at random.
        Tensor directions = isWide ? Centered(0, count).t().matmul(coordinates) : largest.flip(1); // D×2, of any length
        coordinates = coordinates.mul(directions.gather(0, directions.abs().argmax(0, keepdim: true)).sign());

        double[] places = coordinates.contiguous().data<double>().ToArray();
        double[] sums = coordinates.mul(coordinates).sum([0]).data<double>().ToArray();
        double total = squared.trace().item<double>(), squares = total + count * mean.mul(mean).sum().item<double>();
        // N points span N − 1 directions, and equal ones none: beyond is rounding, which has no shares.
        long spanned = total > Rounding * squares ? Math.Min(most, count - 1) : 0;
        double Share(int direction) => direction < spanned ? sums[direction] / total : 0;
        (double, double)[] points = [.. places.Chunk((int)most).Select(place => (place[0], place.ElementAtOrDefault(1)))];
        return new PrincipalComponents(points, Share(0), Share(1));

        Tensor Centered(long start, long rows) => x.narrow(0, start, rows).to(ScalarType.Float64).sub(mean);

        Tensor Products()
        {
            Tensor all = Centered(0, count);
            return all.matmul(all.t());
        }

        // In float64 a part at a time: of 50,000 embeddings of 2048 numbers all would be 0.8 GB, and again for each step.
        IEnumerable<Tensor> Parts(Func<Tensor, Tensor> make) =>
            Enumerable.Range(0, (int)((count + RowsAtOnce - 1) / RowsAtOnce)).Select(part => Part(part * (long)RowsAtOnce, make));

        Tensor Part(long start, Func<Tensor, Tensor> make)
        {
            using DisposeScope inner = NewDisposeScope();
            return make(Centered(start, Math.Min(RowsAtOnce, count - start))).MoveToOuterDisposeScope();
        }

        Tensor Sum(Func<Tensor, Tensor> make) => Parts(make).Aggregate((sum, next) =>
        {
            sum.add_(next, One);
            next.Dispose();
            return sum;
        });
    }
}
