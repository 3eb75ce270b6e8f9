using MoCo.Distributed;

namespace MoCo.Contrast;

/// <summary>Which of a batch's rows go to which rank where the whole batch is shuffled. Sample n lies in row n / ranks of rank n mod ranks,
/// and place p of the shuffled whole is row p / ranks of rank p mod ranks.</summary>
internal sealed class ShuffleRoute
{
    /// <param name="order">The sample at each place of the shuffled whole.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="ranks">All of them.</param>
    public ShuffleRoute(ReadOnlySpan<long> order, int rank, int ranks)
    {
        List<long>[] sent = [.. Enumerable.Range(0, ranks).Select(_ => new List<long>())];
        List<long>[] received = [.. Enumerable.Range(0, ranks).Select(_ => new List<long>())];
        for (int place = 0; place < order.Length; place++)
        {
            int from = (int)(order[place] % ranks), to = place % ranks;
            if (from == rank) sent[to].Add(order[place] / ranks);
            if (to == rank) received[from].Add(place / ranks);
        }
        Sent = [.. sent.SelectMany(rows => rows)];
        Places = new long[order.Length / ranks];
        long arrived = 0;
        foreach (long row in received.SelectMany(rows => rows)) Places[row] = arrived++;
        Counts = new RowCounts([.. sent.Select(rows => rows.Count)], [.. received.Select(rows => rows.Count)]);
    }

    /// <summary>This rank's rows in the order in which they are sent: first those for rank 0.</summary>
    public long[] Sent { get; }

    /// <summary>How many go to each rank, and come from it.</summary>
    public RowCounts Counts { get; }

    /// <summary>For each row of this rank's part of the shuffled whole, its place among the rows that came.</summary>
    public long[] Places { get; }
}
