using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Classifies by the weighted vote of the nearest neighbours (Wu et al., 2018): cosine similarity, weight
/// exp(similarity / temperature). The usual monitor of contrastive training: it learns nothing, so it measures the features.</summary>
public static class KnnClassifier
{
    /// <summary>Bank vectors compared at a time: with 1,024 queries 16 MB of similarities.</summary>
    private const int MostBankRows = 4096;

    /// <summary>A block's numbers at most, for very long vectors: 256 MB.</summary>
    private const int MostBankValues = 1 << 26;

    /// <summary>Classifies every query by the bank's labels and counts how often that is its own label.</summary>
    /// <param name="bank">Labelled vectors that vote, usually of the training pictures.</param>
    /// <param name="queries">Labelled vectors to classify, usually of the test pictures.</param>
    /// <param name="options">Null: k 200, temperature 0.1.</param>
    /// <param name="cancellation">Ends the search between two blocks.</param>
    /// <returns>The accuracies. Equal votes go to the lower label.</returns>
    /// <exception cref="ArgumentException">Missing labels, unequal dimensions, fewer bank vectors than neighbours, or features that are not finite.</exception>
    public static KnnResult Evaluate(FeatureSet bank, FeatureSet queries, KnnOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new KnnOptions();
        options.Validate();
        var labels = bank.Labels ?? throw new ArgumentException("The bank has no labels, so nothing can vote.", nameof(bank));
        var truth = queries.Labels ?? throw new ArgumentException("The queries have no labels to compare with.", nameof(queries));
        if (bank.Dimension != queries.Dimension)
            throw new ArgumentException($"Expected queries of {bank.Dimension} dimensions as the bank's, found {queries.Dimension}.", nameof(queries));
        if (bank.Count < options.Neighbours)
            throw new ArgumentException($"{nameof(KnnOptions.Neighbours)} is {options.Neighbours}, the bank has only {bank.Count} vectors.", nameof(options));

        using var constant = no_grad();
        var bankNorms = FeatureRows.InverseNorms(bank, nameof(bank));
        var queryNorms = FeatureRows.InverseNorms(queries, nameof(queries));
        var lists = new NeighbourList[Math.Min(options.BlockSize, queries.Count)];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = new NeighbourList(options.Neighbours);
        var blockRows = Math.Min(Math.Clamp(MostBankValues / bank.Dimension, 1, MostBankRows), bank.Count);
        using var bankBlock = empty(blockRows, bank.Dimension, dtype: ScalarType.Float32);
        var classes = Math.Max(labels.Max(), truth.Max()) + 1;
        int correct = 0, correctInFive = 0;
        for (var start = 0; start < queries.Count; start += options.BlockSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(options.BlockSize, queries.Count - start);
            Search(bank, bankNorms, bankBlock, queries, start, count, lists);
            Parallel.For(0, count, row =>
            {
                var rank = RankOf(truth[start + row], lists[row], labels, queryNorms[start + row], classes, options);
                lists[row].Clear();
                if (rank == 0)
                    Interlocked.Increment(ref correct);
                if (rank < 5)
                    Interlocked.Increment(ref correctInFive);
            });
        }

        return new KnnResult(correct, correctInFive, queries.Count);
    }

    /// <summary>Shows every bank vector's similarity to the lists of a block of queries.</summary>
    /// <remarks>The bank's vectors are normalised, the queries' are not: their length does not change the order of their
    /// neighbours, and the vote puts it right.</remarks>
    private static unsafe void Search(FeatureSet bank, float[] bankNorms, Tensor bankBlock, FeatureSet queries, int start, int count, NeighbourList[] lists)
    {
        using var q = queries.Features.narrow(0, start, count); // n×D
        var blockRows = (int)bankBlock.shape[0];
        for (var first = 0; first < bank.Count; first += blockRows)
        {
            var size = Math.Min(blockRows, bank.Count - first);
            using var rows = bank.Features.narrow(0, first, size);
            using var unit = bankBlock.narrow(0, 0, size); // m×D
            FeatureRows.Scale(Floats(rows), bankNorms.AsSpan(first, size), Floats(unit));
            using var transposed = unit.t();
            using var similarities = q.matmul(transposed); // n×m
            fixed (float* values = Floats(similarities))
            {
                var address = (nint)values;
                Parallel.For(0, count, row => lists[row].Add(new ReadOnlySpan<float>((float*)address + ((long)row * size), size), first));
            }
        }
    }

    /// <summary>The place of a label in the order of votes, 0 for the most.</summary>
    private static int RankOf(int label, NeighbourList list, int[] labels, float inverseNorm, int classes, KnnOptions options)
    {
        Span<int> entries = new int[options.Neighbours];
        Span<float> similarities = new float[options.Neighbours];
        var found = list.Take(entries, similarities);
        var votes = new double[classes];
        for (var i = 0; i < found; i++)
        {
            // Relative to the nearest, so that no temperature overflows; the order of votes is the same.
            var distance = (similarities[i] - similarities[0]) * (double)inverseNorm;
            votes[labels[entries[i]]] += Math.Exp(distance / options.Temperature);
        }

        var rank = 0;
        for (var other = 0; other < classes; other++)
        {
            if (votes[other] > votes[label] || (votes[other] == votes[label] && other < label))
                rank++;
        }

        return rank;
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
