using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Shows queries the cosine similarities of a bank's vectors, block by block.</summary>
/// <remarks>The bank's vectors are brought to unit length, the queries are not: their length does not change the order of
/// their neighbours, and whoever needs the similarity itself puts it right.</remarks>
internal sealed class NeighbourSearch : IDisposable
{
    /// <summary>Bank vectors compared at a time: with 1,024 queries 16 MB of similarities.</summary>
    private const int MostBankRows = 4096;

    /// <summary>A block's numbers at most, for very long vectors: 256 MB.</summary>
    private const int MostBankValues = 1 << 26;

    private readonly FeatureSet bank;
    private readonly int[]? rows;
    private readonly float[] inverseNorms;
    private readonly Tensor block;

    /// <summary>Prepares a bank.</summary>
    /// <param name="bank">The vectors.</param>
    /// <param name="rows">Those of them that count, ascending; null: all.</param>
    /// <param name="name">What messages call the bank.</param>
    internal NeighbourSearch(FeatureSet bank, int[]? rows, string name)
    {
        (this.bank, this.rows) = (bank, rows);
        var norms = FeatureRows.InverseNorms(bank, name);
        inverseNorms = rows is null ? norms : [.. rows.Select(row => norms[row])];
        var size = Math.Min(Math.Clamp(MostBankValues / bank.Dimension, 1, MostBankRows), inverseNorms.Length);
        block = empty(size, bank.Dimension, dtype: ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>Shows every counting bank vector's similarity to the lists of some queries. The lists' entries are places among
    /// the rows that count.</summary>
    internal void Run(Tensor queries, NeighbourList[] lists)
    {
        var size = (int)block.shape[0];
        for (var first = 0; first < inverseNorms.Length; first += size)
        {
            var count = Math.Min(size, inverseNorms.Length - first);
            using var vectors = bank.Rows(rows, first, count);
            using var unit = block.narrow(0, 0, count); // m×D
            FeatureRows.Scale(Floats(vectors), inverseNorms.AsSpan(first, count), Floats(unit));
            Show(queries, unit, first, lists);
        }
    }

    /// <summary>Shows the products of queries, n×D, with bank vectors, m×D, the first of which has a number.</summary>
    internal static unsafe void Show(Tensor queries, Tensor vectors, int first, NeighbourList[] lists)
    {
        using var transposed = vectors.t();
        using var similarities = queries.matmul(transposed); // n×m
        var size = (int)vectors.shape[0];
        fixed (float* values = Floats(similarities))
        {
            var address = (nint)values;
            Parallel.For(0, (int)queries.shape[0], row => lists[row].Add(new ReadOnlySpan<float>((float*)address + ((long)row * size), size), first));
        }
    }

    /// <summary>Empty lists for a block of queries.</summary>
    internal static NeighbourList[] Lists(int queries, int neighbours) =>
        [.. Enumerable.Range(0, queries).Select(_ => new NeighbourList(neighbours))];

    /// <summary>Frees the block.</summary>
    public void Dispose() => block.Dispose();

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
