namespace MoCo.Contrast.Negatives;

/// <summary>Counts how many of the negatives are of their query's own class, by labels that the loss does not look at: what the class
/// oracle of Kalantidis et al. 2020 (§3.2) would leave out. It does not wait for the device.</summary>
internal sealed class FalseNegativeCount : IDisposable
{
    private const int MostNearest = 1024, MostQueries = 32;
    private readonly int nearest;
    private readonly Tensor shares;

    private FalseNegativeCount(Tensor shares, int nearest) => (this.shares, this.nearest) = (shares.DetachFromDisposeScope(), nearest);

    /// <summary>Looks at a batch's first queries: 32 of them tell the shares well enough, and a step's time does not show it.</summary>
    /// <param name="q">Queries, N×dim, unit vectors.</param>
    /// <param name="labels">Their classes, N; negative: unknown, the query does not count.</param>
    /// <param name="keys">The queue's keys, K×dim.</param>
    /// <param name="slots">Whose keys they are.</param>
    /// <returns>Null where no query, or no key, is of known class.</returns>
    public static FalseNegativeCount? Of(Tensor q, ReadOnlySpan<int> labels, Tensor keys, QueueSlots slots)
    {
        List<long> rows = [], own = [];
        for (int row = 0; row < labels.Length && rows.Count < MostQueries; row++)
        {
            if (labels[row] < 0) continue;
            rows.Add(row);
            own.Add(labels[row]);
        }
        IReadOnlyList<long> classes = slots.Labels();
        int known = classes.Count(label => label >= 0), nearest = Math.Min(MostNearest, known);
        if (rows.Count == 0 || known == 0) return null;

        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using Scalar ofKnown = ((double)known).ToScalar();
        Tensor queries = q.detach().index_select(0, tensor([.. rows], device: q.device));
        Tensor ofKeys = tensor([.. classes], device: q.device), unknown = ofKeys.eq(full_like(ofKeys, MinusOne));
        Tensor same = tensor([.. own], device: q.device).unsqueeze(1).eq(ofKeys).to(q.dtype);                  // n×K
        (_, Tensor entries) = queries.matmul(keys.t()).masked_fill_(unknown, NegativeInfinity).topk(nearest, 1); // n×nearest
        return new FalseNegativeCount(
            stack([same.sum(1).mean().div_(ofKnown), same.gather(1, entries).mean()]).to(ScalarType.Float64), nearest);
    }

    /// <summary>The figures; waits for the device.</summary>
    /// <returns>Their share among all keys of known class, 0–1, which is the frequency of the classes; how many of the most similar ones
    /// were looked at, and the share among those: the better the features, the higher.</returns>
    public (double InQueue, int Nearest, double InNearest) Read()
    {
        using Tensor host = shares.cpu();
        double[] values = host.data<double>().ToArray();
        return (values[0], nearest, values[1]);
    }

    public void Dispose() => shares.Dispose();
}
