using MoCo.Evaluation.Neighbours;
using MoCo.Tensors;

namespace MoCo.Evaluation.Search;

/// <summary>Finds the images whose embeddings are most similar to a query's: exact search by cosine similarity over all of them, block by
/// block, on the device where they lie.</summary>
public sealed partial class SimilarityIndex : IDisposable
{
    private readonly string[] names;
    private readonly Tensor unit; // N×D, unit rows

    /// <summary>Makes an index of embeddings.</summary>
    /// <param name="embeddings">N×D of any floating type and device, copied; their length does not matter.</param>
    /// <param name="names">N names of images: paths, titles or numbers.</param>
    /// <exception cref="ArgumentException">Another shape, other than N names, a name missing, or embeddings not finite.</exception>
    public SimilarityIndex(Tensor embeddings, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        this.names = [.. names ?? throw new ArgumentNullException(nameof(names))];
        long count = embeddings.dim() == 2 ? embeddings.shape[0] : Count;
        if (Count != count) throw new ArgumentException($"Expected {count} names, one for each embedding, found {Count}.", nameof(names));
        int missing = Array.IndexOf(this.names, null);
        if (missing >= 0) throw new ArgumentException($"Name {missing} is null; expected a text.", nameof(names));
        unit = UnitRows.Of(embeddings, nameof(embeddings));
    }

    private SimilarityIndex(Tensor unit, string[] names) => (this.unit, this.names) = (unit, names);

    /// <summary>Images in the index (N).</summary>
    public int Count => names.Length;

    /// <summary>Numbers in an embedding (D).</summary>
    public int Dimension => (int)unit.shape[1];

    /// <summary>The images' names.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The embeddings brought to unit length, N×D float32; zeros stay zeros. The index's own, not to be written.</summary>
    internal Tensor Unit => unit;

    /// <summary>Finds the images that are most similar to each query.</summary>
    /// <param name="queries">M×D, or D for one query, of any floating type and device.</param>
    /// <param name="count">How many to find for each, 1 to N.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>For each query the most similar images, nearest first, equally similar ones by number: the image's number in the index, its
    /// name, and the cosine similarity, −1 … 1.</returns>
    /// <exception cref="ArgumentException">Another shape, a count out of range, or queries that are not finite.</exception>
    public IReadOnlyList<IReadOnlyList<(int Index, string Name, float Similarity)>> Search(
        Tensor queries, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        if (count < 1 || count > Count)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Expected 1 to {Count}, the images in the index.");
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = queries.dim() == 1 ? queries.unsqueeze(0) : queries.alias();
        if (rows.dim() != 2 || rows.shape[1] != Dimension)
            throw new ArgumentException($"Expected queries of shape M×{Dimension}, found {string.Join('×', rows.shape)}.", nameof(queries));
        using Tensor q = UnitRows.Of(rows, nameof(queries));
        (Tensor similarities, Tensor entries) = NeighbourSearch.Nearest(q.to(unit.device), unit, count, cancellationToken);
        (float[] values, long[] numbers) = (similarities.ToFloats(), entries.cpu().data<long>().ToArray());
        return [.. numbers.Select((number, i) => ((int)number, names[number], Math.Clamp(values[i], -1, 1))).Chunk(count)];
    }

    /// <summary>Finds all pairs of images whose similarity reaches a threshold.</summary>
    /// <param name="threshold">Cosine similarity, above −1 to 1; nearly equal images are mostly above 0.95.</param>
    /// <param name="most">How many pairs to list at most, at least 1: the most similar ones.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>Pairs of numbers in the index, the lower first, and their cosine similarity: the most similar pairs first, equally similar
    /// ones by their numbers. And how many pairs reached the threshold: more than are listed where there was no room for all.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public (IReadOnlyList<(int First, int Second, float Similarity)> Pairs, long Found) FindNearDuplicates(
        double threshold, int most = 100_000, CancellationToken cancellationToken = default)
    {
        if (!(threshold is > -1 and <= 1)) throw OutOfRange.Of(threshold, "Expected above -1 to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        using IDisposable constant = no_grad();
        using Scalar least = ((float)threshold).ToScalar();
        (List<(int First, int Second, float Similarity)> pairs, long found) = ([], 0);
        NeighbourSearch.ForEachBlock(unit, unit, Collect, cancellationToken, upper: true);
        Cut();
        return (pairs, found);

        void Collect(Tensor similarities, int first, int second)
        {
            // Each pair once: the columns after the row's own.
            Tensor above = similarities.ge(least).triu(first - second + 1);
            float[] values = similarities.masked_select(above).ToFloats();
            if (values.Length == 0) return;
            long[] places = above.nonzero().cpu().data<long>().ToArray();
            found += values.Length;
            for (int i = 0; i < values.Length; i++)
            {
                pairs.Add((first + (int)places[2 * i], second + (int)places[(2 * i) + 1], Math.Min(1, values[i])));
                // Collecting twice as many before cutting back makes sorting rare.
                if (pairs.Count >= 2L * most) Cut();
            }
        }
        void Cut()
        {
            pairs.Sort((a, b) => (b.Similarity, a.First, a.Second).CompareTo((a.Similarity, b.First, b.Second)));
            pairs.RemoveRange(Math.Min(most, pairs.Count), Math.Max(0, pairs.Count - most));
        }
    }

    /// <summary>Writes the index to a safetensors file, atomically.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Save(string path) => SimilarityIndexFile.Write(path, this);

    /// <summary>Reads an index that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or no such index.</exception>
    public static SimilarityIndex Load(string path)
    {
        (Tensor embeddings, string[] names) = SimilarityIndexFile.Read(path);
        return new SimilarityIndex(embeddings, names);
    }

    /// <summary>Frees the embeddings.</summary>
    public void Dispose() => unit.Dispose();
}
