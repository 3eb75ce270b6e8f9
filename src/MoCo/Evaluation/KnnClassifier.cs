using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>Classifies by the weighted vote of the nearest neighbours (Wu et al., 2018): cosine similarity, weight
/// exp(similarity / temperature). The usual monitor of contrastive training: it learns nothing, so it measures the features.</summary>
public static class KnnClassifier
{
    /// <summary>Classifies every query by the bank's labels and counts how often that is its own label.</summary>
    /// <param name="bank">Vectors that vote, usually of the training images; those without a label do not.</param>
    /// <param name="queries">Vectors to classify, usually of the test images; those without a label are not asked.</param>
    /// <param name="options">Null: k 200, temperature 0.1.</param>
    /// <param name="cancellation">Ends the search between two blocks.</param>
    /// <returns>The accuracies. Equal votes go to the lower label.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions, fewer bank vectors than neighbours, or features that are not finite.</exception>
    public static KnnResult Evaluate(FeatureSet bank, FeatureSet queries, KnnOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new KnnOptions();
        options.Validate();
        var grid = new KnnGridOptions { Neighbours = [options.Neighbours], Temperatures = [options.Temperature], BlockSize = options.BlockSize };
        return EvaluateGrid(bank, queries, grid, cancellation)[0].Result;
    }

    /// <summary>Does the same for several k and temperatures in one pass over the similarities: it costs little more than the
    /// largest k alone.</summary>
    /// <param name="bank">Vectors that vote; those without a label do not.</param>
    /// <param name="queries">Vectors to classify; those without a label are not asked.</param>
    /// <param name="options">Null: six k from 1 to 200 at three temperatures.</param>
    /// <param name="cancellation">Ends the search between two blocks.</param>
    /// <returns>The accuracies, k by k in the options' order, for each k the temperatures.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions, fewer bank vectors than neighbours, or features that are not finite.</exception>
    public static IReadOnlyList<KnnScore> EvaluateGrid(FeatureSet bank, FeatureSet queries, KnnGridOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new KnnGridOptions();
        options.Validate();
        var voters = bank.LabelledRows();
        var asked = queries.LabelledRows();
        var most = options.Neighbours.Max();
        Check(bank, voters, queries, asked, most);

        using var constant = no_grad();
        using var search = new NeighbourSearch(bank, voters, nameof(bank));
        var norms = FeatureRows.InverseNorms(queries, nameof(queries));
        int[] labels = voters is null ? bank.Labels! : [.. voters.Select(row => bank.Labels![row])];
        var vote = new NeighbourVote(labels, Math.Max(labels.Max(), queries.Labels!.Max()) + 1, options.Neighbours, options.Temperatures);
        var total = asked?.Length ?? queries.Count;
        var lists = NeighbourSearch.Lists(Math.Min(options.BlockSize, total), most);
        var settings = options.Neighbours.Count * options.Temperatures.Count;
        var (correct, correctInFive) = (new int[settings], new int[settings]);
        for (var start = 0; start < total; start += options.BlockSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(options.BlockSize, total - start);
            using var q = queries.Rows(asked, start, count); // n×D
            search.Run(q, lists);
            Parallel.For(0, count, place =>
            {
                var row = asked is null ? start + place : asked[start + place];
                var ranks = new int[settings];
                vote.Rank(queries.Labels![row], lists[place], norms[row], ranks);
                lists[place].Clear();
                for (var i = 0; i < settings; i++)
                {
                    if (ranks[i] == 0)
                        Interlocked.Increment(ref correct[i]);
                    if (ranks[i] < 5)
                        Interlocked.Increment(ref correctInFive[i]);
                }
            });
        }

        return [.. Enumerable.Range(0, settings).Select(i => new KnnScore(
            options.Neighbours[i / options.Temperatures.Count],
            options.Temperatures[i % options.Temperatures.Count],
            new KnnResult(correct[i], correctInFive[i], total)))];
    }

    private static void Check(FeatureSet bank, int[]? voters, FeatureSet queries, int[]? asked, int neighbours)
    {
        if (voters is { Length: 0 })
            throw new ArgumentException("The bank has no labels, so nothing can vote.", nameof(bank));
        if (asked is { Length: 0 })
            throw new ArgumentException("The queries have no labels to compare with.", nameof(queries));
        if (bank.Dimension != queries.Dimension)
            throw new ArgumentException($"Expected queries of {bank.Dimension} dimensions as the bank's, found {queries.Dimension}.", nameof(queries));
        var candidates = voters?.Length ?? bank.Count;
        if (candidates < neighbours)
            throw new ArgumentException($"{nameof(KnnOptions.Neighbours)} is {neighbours}, the bank has only {candidates} {(voters is null ? "" : "labelled ")}vectors.", nameof(bank));
    }
}
