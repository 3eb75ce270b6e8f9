namespace MoCo.Evaluation;

/// <summary>The most similar of a stream of pairs.</summary>
internal sealed class PairList(int most)
{
    private static readonly Comparer<SimilarPair> Order = Comparer<SimilarPair>.Create((a, b) =>
        (b.Similarity, a.First, a.Second).CompareTo((a.Similarity, b.First, b.Second)));

    private readonly List<SimilarPair> pairs = [];
    private readonly Lock gate = new();
    private long found;

    internal void Add(ReadOnlySpan<SimilarPair> more)
    {
        lock (gate)
        {
            found += more.Length;
            foreach (var pair in more)
            {
                pairs.Add(pair);
                // Collecting twice as many before cutting back makes sorting rare.
                if (pairs.Count >= 2L * most)
                    Cut();
            }
        }
    }

    internal NearDuplicates Result()
    {
        Cut();
        return new NearDuplicates(pairs, found);
    }

    private void Cut()
    {
        pairs.Sort(Order);
        if (pairs.Count > most)
            pairs.RemoveRange(most, pairs.Count - most);
    }
}
