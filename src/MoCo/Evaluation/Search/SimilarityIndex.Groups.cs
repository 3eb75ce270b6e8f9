using MoCo.Evaluation.Clustering;
using MoCo.Evaluation.Neighbours;
using MoCo.Tensors;

namespace MoCo.Evaluation.Search;

/// <content>What an index says of its images as a whole: which others stand for, which are like none, which lie together.</content>
public sealed partial class SimilarityIndex
{
    /// <summary>Finds the images that another one stands for. In the order of their numbers each image is kept, unless one that is kept
    /// already is at least so similar: then it is that one's duplicate (of several the most similar one's, the first of equal ones). So
    /// whatever is left out has a likeness among what is kept, which chains of pairs would not promise. The time grows with N².</summary>
    /// <param name="threshold">Cosine similarity, above −1 to 1; nearly equal images are mostly above 0.95.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>For each duplicate its number, the number of the one that is kept, and their similarity; by number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is outside its range.</exception>
    public IReadOnlyList<(int Index, int Kept, float Similarity)> FindRedundant(
        double threshold, CancellationToken cancellationToken = default)
    {
        if (!(threshold is > -1 and <= 1)) throw OutOfRange.Of(threshold, "Expected above -1 to 1.");
        const int Block = NeighbourSearch.BlockSize;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        float least = (float)threshold;
        List<(int Index, int Kept, float Similarity)> duplicates = [];
        Tensor left = zeros(Count, dtype: ScalarType.Float32, device: unit.device); // N: −∞ for duplicates
        for (int first = 0; first < Count; first += Block)
        {
            using DisposeScope inner = NewDisposeScope();
            int size = Math.Min(Block, Count - first);
            Tensor own = unit.narrow(0, first, size); // n×D
            (float[] nearest, int[] kept) = NearestOf(own, first, left, cancellationToken);
            // Within the block one decides about the next.
            float[] among = own.matmul(own.t()).ToFloats();
            bool[] isLeft = new bool[size];
            for (int i = 0; i < size; i++)
            {
                for (int before = 0; before < i; before++)
                {
                    if (isLeft[before] || !(among[(i * size) + before] > nearest[i])) continue;
                    (nearest[i], kept[i]) = (among[(i * size) + before], first + before);
                }
                if (!(isLeft[i] = nearest[i] >= least)) continue;
                duplicates.Add((first + i, kept[i], Math.Min(1, nearest[i])));
            }
            Tensor mask = tensor(isLeft, device: unit.device);
            left.narrow(0, first, size).masked_fill_(mask, NegativeInfinity);
        }
        return duplicates;
    }

    /// <summary>Finds the images that are least like the others.</summary>
    /// <param name="count">How many to find; all where there are fewer.</param>
    /// <param name="neighbours">Nearest other images that are looked at, 1 to N − 1.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>Numbers and the mean cosine similarity to their nearest others, the least alike first, equal ones by number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public IReadOnlyList<(int Index, float Similarity)> FindOutliers(
        int count, int neighbours = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (neighbours < 1 || neighbours >= Count)
            throw new ArgumentOutOfRangeException(nameof(neighbours), neighbours, $"Expected 1 to {Count - 1}, the other images.");
        using DisposeScope scope = NewDisposeScope();
        (Tensor similarities, Tensor entries) = NeighbourSearch.Nearest(unit, unit, neighbours + 1, cancellationToken);
        (float[] values, long[] numbers) = (similarities.ToFloats(), entries.cpu().data<long>().ToArray());
        return [.. Enumerable.Range(0, Count).Select(row => (row, Mean(row))).OrderBy(entry => entry.Item2).Take(count)];

        // An image is not always the first of its own neighbours, nor among them: others may be equal to it.
        float Mean(int row)
        {
            int from = row * (neighbours + 1), own = Array.IndexOf(numbers, row, from, neighbours + 1);
            if (own < 0) own = from + neighbours;
            double sum = values.AsSpan(from, neighbours + 1).ToArray().Sum(value => (double)value) - values[own];
            return (float)Math.Clamp(sum / neighbours, -1, 1);
        }
    }

    /// <summary>Sorts the images into clusters as <see cref="Features.FeatureSet.Cluster"/> does.</summary>
    /// <param name="clusters">k, 1 to N.</param>
    /// <param name="restarts">Beginnings, of which the best counts, at least 1.</param>
    /// <param name="seed">Seed of the beginnings.</param>
    /// <param name="cancellationToken">Ends the work between two iterations.</param>
    /// <returns>For each cluster its images' numbers and their cosine similarity to its center, the nearest first, equal ones by
    /// number.</returns>
    /// <exception cref="ArgumentException">An image's embedding is all zeros.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public IReadOnlyList<IReadOnlyList<(int Index, float Similarity)>> Cluster(
        int clusters, int restarts = 5, long seed = 0, CancellationToken cancellationToken = default)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        IReadOnlyList<int> of = KMeans.Cluster(unit, clusters, restarts, seed: seed, cancellationToken: cancellationToken).Clusters;
        Tensor nearest = tensor([.. of.Select(cluster => (long)cluster)], device: unit.device); // N
        Tensor sums = zeros(clusters, Dimension, dtype: ScalarType.Float32, device: unit.device).index_add_(0, nearest, unit, One); // k×D
        using Tensor centers = UnitRows.Of(sums, "centers");
        float[] similarities = centers.index_select(0, nearest).mul_(unit).sum(1).ToFloats();
        ILookup<int, int> members = Enumerable.Range(0, Count).ToLookup(row => of[row]);
        return [.. Enumerable.Range(0, clusters).Select(cluster => members[cluster]
            .Select(row => (row, Math.Clamp(similarities[row], -1, 1))).OrderByDescending(entry => entry.Item2).ToArray())];
    }

    /// <summary>The most similar image of each of some among those before a number that are not left out.</summary>
    /// <returns>Similarities, −∞ where there is none, and numbers.</returns>
    private (float[] Similarities, int[] Numbers) NearestOf(Tensor rows, int end, Tensor left, CancellationToken cancellationToken)
    {
        int count = (int)rows.shape[0];
        float[] similarities = new float[count];
        int[] numbers = new int[count];
        Array.Fill(similarities, float.NegativeInfinity);
        const int Columns = 1 << 15;
        for (int start = 0; start < end; start += Columns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int size = Math.Min(Columns, end - start);
            Tensor block = rows.matmul(unit.narrow(0, start, size).t()).add_(left.narrow(0, start, size), One); // n×m
            (Tensor most, Tensor places) = block.max(1);
            (float[] values, long[] found) = (most.ToFloats(), places.cpu().data<long>().ToArray());
            for (int i = 0; i < count; i++)
                if (values[i] > similarities[i]) (similarities[i], numbers[i]) = (values[i], start + (int)found[i]);
        }
        return (similarities, numbers);
    }
}
