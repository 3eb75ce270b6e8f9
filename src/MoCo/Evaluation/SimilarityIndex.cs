using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Finds the images whose embeddings are most similar to a query's: exact search by cosine similarity over all of
/// them, block by block.</summary>
public sealed class SimilarityIndex : IDisposable
{
    /// <summary>Vectors compared at a time: 16 MB of similarities with a full block of queries.</summary>
    private const int BlockRows = 4096, BlockQueries = 1024;

    private readonly string[] names;
    private readonly Tensor unit; // N×D, unit rows

    /// <summary>Makes an index of embeddings.</summary>
    /// <param name="embeddings">N×D of any floating type and device, copied; their length does not matter.</param>
    /// <param name="names">N names of images: paths, titles or numbers.</param>
    /// <exception cref="ArgumentException">Another shape, other than N names, a name missing, or embeddings that are not finite.</exception>
    public SimilarityIndex(Tensor embeddings, IEnumerable<string> names)
        : this(UnitRows(embeddings, nameof(embeddings)), [.. names ?? throw new ArgumentNullException(nameof(names))])
    {
    }

    private SimilarityIndex(Tensor unit, string[] names)
    {
        (this.unit, this.names) = (unit, names);
        try
        {
            if (names.Length != unit.shape[0])
                throw new ArgumentException($"Expected {unit.shape[0]} names, one for each embedding, found {names.Length}.", nameof(names));
            if (Array.FindIndex(names, name => name is null) is var missing and >= 0)
                throw new ArgumentException($"Name {missing} is null; expected a text.", nameof(names));
        }
        catch
        {
            unit.Dispose();
            throw;
        }
    }

    /// <summary>Images in the index (N).</summary>
    public int Count => names.Length;

    /// <summary>Numbers in an embedding (D).</summary>
    public int Dimension => (int)unit.shape[1];

    /// <summary>The images' names.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The embeddings brought to unit length, N×D float32 on the CPU; zeros stay zeros. The index's own, not to be written.</summary>
    internal Tensor Unit => unit;

    /// <summary>Finds the images that are most similar to each query.</summary>
    /// <param name="queries">M×D, or D for one query, of any floating type and device.</param>
    /// <param name="count">How many to find for each, 1 to N.</param>
    /// <param name="cancellation">Ends the search between two blocks.</param>
    /// <returns>For each query the most similar images, nearest first; equally similar ones by number.</returns>
    /// <exception cref="ArgumentException">Another shape, a count out of range, or queries that are not finite.</exception>
    public IReadOnlyList<IReadOnlyList<SimilarityHit>> Search(Tensor queries, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        if (count < 1 || count > Count)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Expected 1 to {Count}, the images in the index.");
        using var rows = queries.dim() == 1 ? queries.unsqueeze(0) : queries.alias();
        if (rows.dim() != 2 || rows.shape[1] != Dimension)
            throw new ArgumentException($"Expected queries of shape M×{Dimension}, found {string.Join('×', queries.shape)}.", nameof(queries));
        using var constant = no_grad();
        using var q = UnitRows(rows, nameof(queries));
        var hits = new IReadOnlyList<SimilarityHit>[q.shape[0]];
        var lists = NeighbourSearch.Lists(Math.Min(BlockQueries, hits.Length), count);
        for (var start = 0; start < hits.Length; start += BlockQueries)
        {
            var size = Math.Min(BlockQueries, hits.Length - start);
            using var block = q.narrow(0, start, size);
            for (var first = 0; first < Count; first += BlockRows)
            {
                cancellation.ThrowIfCancellationRequested();
                using var vectors = unit.narrow(0, first, Math.Min(BlockRows, Count - first));
                NeighbourSearch.Show(block, vectors, first, lists);
            }

            for (var row = 0; row < size; row++)
                hits[start + row] = Take(lists[row], count);
        }

        return hits;
    }

    /// <summary>Finds all pairs of images whose similarity reaches a threshold.</summary>
    /// <param name="threshold">Cosine similarity, above −1 to 1; nearly equal images are mostly above 0.95.</param>
    /// <param name="most">How many pairs to list at most, at least 1: the most similar ones.</param>
    /// <param name="cancellation">Ends the search between two blocks.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument outside its range.</exception>
    public NearDuplicates FindNearDuplicates(double threshold, int most = 100_000, CancellationToken cancellation = default)
    {
        if (!(threshold is > -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected above -1 to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        using var constant = no_grad();
        var pairs = new PairList(most);
        for (var first = 0; first < Count; first += BlockQueries)
        {
            using var queries = unit.narrow(0, first, Math.Min(BlockQueries, Count - first));
            for (var second = first; second < Count; second += BlockRows)
            {
                cancellation.ThrowIfCancellationRequested();
                using var vectors = unit.narrow(0, second, Math.Min(BlockRows, Count - second));
                Collect(queries, first, vectors, second, (float)threshold, pairs);
            }
        }

        return pairs.Result();
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
        var (embeddings, names) = SimilarityIndexFile.Read(path);
        return new SimilarityIndex(embeddings, names);
    }

    /// <summary>Frees the embeddings.</summary>
    public void Dispose() => unit.Dispose();

    /// <summary>A copy with rows of unit length, in no scope.</summary>
    private static Tensor UnitRows(Tensor embeddings, string name)
    {
        ArgumentNullException.ThrowIfNull(embeddings, name);
        if (embeddings.dim() != 2 || embeddings.shape[0] < 1 || embeddings.shape[1] < 1 || !embeddings.is_floating_point())
            throw new ArgumentException($"Expected {name} of shape N×D, floating, found {string.Join('×', embeddings.shape)} {embeddings.dtype}.", name);
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var rows = embeddings.detach().to(ScalarType.Float64).cpu();
        using var smallest = double.Epsilon.ToScalar();
        var norms = rows.mul(rows).sum(1, keepdim: true).sqrt();
        if (Array.FindIndex(norms.data<double>().ToArray(), norm => !double.IsFinite(norm)) is var broken and >= 0)
            throw new ArgumentException($"Row {broken} of {name} holds a number that is not finite.", name);
        return rows.div(norms.clamp_min(smallest)).to(ScalarType.Float32).contiguous().DetachFromDisposeScope();
    }

    private static unsafe void Collect(Tensor queries, int first, Tensor vectors, int second, float threshold, PairList pairs)
    {
        using var transposed = vectors.t();
        using var similarities = queries.matmul(transposed);
        var width = (int)vectors.shape[0];
        fixed (byte* values = similarities.bytes)
        {
            var address = (nint)values;
            Parallel.For(0, (int)queries.shape[0], row =>
            {
                var found = new List<SimilarPair>();
                var own = first + row;
                var line = new ReadOnlySpan<float>((float*)address + ((long)row * width), width);
                for (var i = Math.Max(0, own + 1 - second); i < width; i++)
                {
                    if (line[i] >= threshold)
                        found.Add(new SimilarPair(own, second + i, Math.Min(1, line[i])));
                }

                if (found.Count > 0)
                    pairs.Add(CollectionsMarshal.AsSpan(found));
            });
        }
    }

    private SimilarityHit[] Take(NeighbourList list, int count)
    {
        var (entries, similarities) = (new int[count], new float[count]);
        list.Take(entries, similarities);
        list.Clear();
        return [.. entries.Select((entry, i) => new SimilarityHit(entry, names[entry], Math.Clamp(similarities[i], -1, 1)))];
    }
}
