using MoCo.Tensors;

namespace MoCo.Evaluation.Neighbours;

/// <summary>Exact search for the most similar vectors, on the device where they lie: products of a block of queries and a block of a bank,
/// of which <c>topk</c> takes the largest.</summary>
/// <remarks>Equal similarities are ordered by the lower number. <c>topk</c> does not promise which of equal values it takes nor their
/// order, so it is asked for one more than needed: only rows in which two neighbours are equal are chosen anew, by number.</remarks>
internal static class NeighbourSearch
{
    /// <summary>Bank vectors at a time, and numbers in such a block and in a block of similarities at most: 256 and 128 MB.</summary>
    private const int MostBankRows = 65_536, MostBankValues = 1 << 26, MostSimilarities = 1 << 25;

    /// <summary>Queries compared at a time, where nobody says otherwise.</summary>
    internal const int BlockSize = 1024;

    /// <summary>Columns that <see cref="TopK"/> looks at as one.</summary>
    private const int GroupSize = 8;

    /// <summary>Goes through all pairs of queries and bank vectors, block by block: a bank's block is made once.</summary>
    /// <param name="queries">N×D.</param>
    /// <param name="bank">M×D.</param>
    /// <param name="use">Takes a block's similarities, which the next block overwrites, and its first query's and vector's numbers.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <param name="blockSize">Queries compared at a time at most.</param>
    /// <param name="upper">Whether only pairs of a query and a bank vector of the same or a higher number are wanted.</param>
    internal static void ForEachBlock(
        UnitVectors queries,
        UnitVectors bank,
        Action<Tensor, int, int> use,
        CancellationToken cancellationToken,
        int blockSize = BlockSize,
        bool upper = false)
    {
        int columns = Math.Min(bank.Count, Math.Clamp(MostBankValues / bank.Dimension, 1, MostBankRows));
        int rows = Math.Clamp(MostSimilarities / columns, 1, Math.Min(blockSize, queries.Count));
        Tensor? memory = null;
        try
        {
            for (int second = 0; second < bank.Count; second += columns)
            {
                using Tensor vectors = bank.Rows(second, Math.Min(columns, bank.Count - second));
                // Fresh memory for every product would cost a page fault for each page.
                memory ??= empty((long)rows * columns, dtype: ScalarType.Float32, device: vectors.device).DetachFromDisposeScope();
                for (int first = 0; first < queries.Count; first += rows)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    int skipped = upper ? Math.Max(0, first - second) : 0;
                    if (skipped >= vectors.shape[0]) break;
                    using DisposeScope scope = NewDisposeScope();
                    using Tensor block = queries.Rows(first, Math.Min(rows, queries.Count - first)); // n×D
                    Tensor transposed = vectors.narrow(0, skipped, vectors.shape[0] - skipped).t(); // D×m
                    (long n, long m) = (block.shape[0], transposed.shape[1]);
                    use(memory.narrow(0, 0, n * m).view(n, m).addmm_(block, transposed, 0f, 1f), first, second + skipped);
                }
            }
        }
        finally
        {
            memory?.Dispose();
        }
    }

    /// <summary>The k most similar bank vectors of each query, nearest first, equal ones by number.</summary>
    /// <returns>Similarities, N×k float32, and the vectors' numbers, N×k int64, on the vectors' device, in the caller's scope.</returns>
    internal static (Tensor Similarities, Tensor Entries) Nearest(
        UnitVectors queries, UnitVectors bank, int k, CancellationToken cancellationToken, int blockSize = BlockSize)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        SortedList<int, (Tensor Similarities, Tensor Entries)> nearest = new();
        ForEachBlock(queries, bank, Merge, cancellationToken, blockSize);
        return (
            cat([.. nearest.Values.Select(block => block.Similarities)]).MoveToOuterDisposeScope(),
            cat([.. nearest.Values.Select(block => block.Entries)]).MoveToOuterDisposeScope());

        void Merge(Tensor similarities, int first, int second)
        {
            (Tensor values, Tensor entries) = Largest(similarities, (int)Math.Min(k, similarities.shape[1]));
            using Scalar offset = ((long)second).ToScalar();
            entries = entries.add(offset, One);
            if (nearest.TryGetValue(first, out (Tensor Similarities, Tensor Entries) before))
            {
                // Those before have lower numbers, so a stable sort leaves equal ones in order.
                (values, Tensor order) = sort(cat([before.Similarities, values], 1), 1, descending: true, stable: true);
                int kept = (int)Math.Min(k, values.shape[1]);
                values = values.narrow(1, 0, kept).contiguous();
                entries = cat([before.Entries, entries], 1).gather(1, order.narrow(1, 0, kept));
                before.Similarities.Dispose();
                before.Entries.Dispose();
            }
            nearest[first] = (values.MoveToOuterDisposeScope(), entries.MoveToOuterDisposeScope());
        }
    }

    /// <summary>The largest k of each row of n×m, largest first, equal ones by column: values and columns, n×k.</summary>
    internal static (Tensor Values, Tensor Columns) Largest(Tensor values, int k)
    {
        int pairs = (int)Math.Min(k, values.shape[1] - 1); // of neighbours among the k and, where there is one, the next
        (Tensor largest, Tensor columns) = TopK(values, pairs + 1);
        Tensor tied = largest.narrow(1, 0, pairs).eq(largest.narrow(1, 1, pairs)).any(1).nonzero().squeeze(1);
        (largest, columns) = (largest.narrow(1, 0, k), columns.narrow(1, 0, k));
        if (tied.shape[0] == 0) return (largest, columns);
        Tensor rows = values.index_select(0, tied);
        Tensor chosen = FirstOfEqual(rows, largest.narrow(1, k - 1, 1).index_select(0, tied), k);
        (_, Tensor order) = sort(rows.gather(1, chosen), 1, descending: true, stable: true);
        return (largest, columns.index_copy(0, tied, chosen.gather(1, order)));
    }

    /// <summary>The same as <c>topk</c>, which copies all that it looks at and is slow where k is a small part of long rows: columns are
    /// looked at in groups, and the largest k values lie in the k groups of the largest maxima, or equal the last of those.</summary>
    private static (Tensor Values, Tensor Columns) TopK(Tensor values, int k)
    {
        (long count, long width, long groups) = (values.shape[0], values.shape[1], values.shape[1] / GroupSize);
        if (groups < 4 * k) return values.topk(k, 1);
        // Group g has the columns g, g + groups, …: so the maxima are those of whole stretches of memory.
        Tensor maxima = values.narrow(1, 0, groups * GroupSize).unflatten(1, GroupSize, groups).amax([1]);
        Tensor steps = TensorValues.Range(0, groups * GroupSize, groups, values.device);
        Tensor candidates = TopK(maxima, k).Columns.unsqueeze(2).add(steps, One).flatten(1); // n×(k·8)
        if (width > groups * GroupSize)
            candidates = cat([candidates, TensorValues.Range(groups * GroupSize, width, 1, values.device).expand(count, -1)], 1);
        (Tensor largest, Tensor places) = values.gather(1, candidates).topk(k, 1);
        return (largest, candidates.gather(1, places));
    }

    /// <summary>The columns (n×k) of all values (n×m) above the k-th (n×1) and, as far as there is room, of the first that equal
    /// it.</summary>
    private static Tensor FirstOfEqual(Tensor values, Tensor last, int k)
    {
        (Tensor above, Tensor equal) = (values.gt(last), values.eq(last));
        Tensor room = above.sum(1, keepdim: true, type: ScalarType.Int32).neg().add(tensor(k, device: values.device), One);
        Tensor chosen = above.logical_or(equal.logical_and(equal.cumsum(1, ScalarType.Int32).le(room)));
        return chosen.nonzero().select(1, 1).view(-1, k);
    }
}

/// <summary>Vectors of unit length, made stretch by stretch as they are asked for.</summary>
/// <param name="Rows">From a first number and a count n to n×D, freed by whoever asks.</param>
/// <param name="Count">N.</param>
/// <param name="Dimension">D.</param>
internal readonly record struct UnitVectors(Func<int, int, Tensor> Rows, int Count, int Dimension)
{
    /// <summary>Vectors that lie ready, N×D.</summary>
    public static implicit operator UnitVectors(Tensor vectors) =>
        new((first, count) => vectors.narrow(0, first, count), (int)vectors.shape[0], (int)vectors.shape[1]);
}
