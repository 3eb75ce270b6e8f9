namespace MoCo.Evaluation;

/// <summary>Counts the votes of one query's neighbours at every k and temperature of a grid.</summary>
internal sealed class NeighbourVote(int[] labels, int classes, IReadOnlyList<int> neighbours, IReadOnlyList<double> temperatures)
{
    private readonly int most = neighbours.Max();
    private readonly int[] ascending = [.. Enumerable.Range(0, neighbours.Count).OrderBy(i => neighbours[i])];

    /// <summary>The place of a label in the order of votes, 0 for the most, for every setting.</summary>
    /// <param name="label">The query's label.</param>
    /// <param name="list">Its neighbours.</param>
    /// <param name="inverseNorm">1 / the query's length.</param>
    /// <param name="ranks">Receives the places: k by k in the grid's order, for each k the temperatures.</param>
    internal void Rank(int label, NeighbourList list, float inverseNorm, Span<int> ranks)
    {
        var entries = new int[most];
        var similarities = new float[most];
        var found = list.Take(entries, similarities);
        var votes = new double[classes];
        for (var t = 0; t < temperatures.Count; t++)
        {
            votes.AsSpan().Clear();
            var counted = 0;
            foreach (var setting in ascending)
            {
                for (var end = Math.Min(neighbours[setting], found); counted < end; counted++)
                {
                    // Relative to the nearest, so that no temperature overflows; the order of votes is the same.
                    var distance = (similarities[counted] - similarities[0]) * (double)inverseNorm;
                    votes[labels[entries[counted]]] += Math.Exp(distance / temperatures[t]);
                }

                ranks[(setting * temperatures.Count) + t] = Place(label, votes);
            }
        }
    }

    private static int Place(int label, double[] votes)
    {
        var rank = 0;
        for (var other = 0; other < votes.Length; other++)
        {
            if (votes[other] > votes[label] || (votes[other] == votes[label] && other < label))
                rank++;
        }

        return rank;
    }
}
