using MoCo.Evaluation.Features;
using MoCo.Tensors;
using TorchSharp;
using static MoCo.Tensors.HeldScalars;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Neighbours;

/// <summary>Classifies by the weighted vote of the nearest neighbours (Wu et al., 2018): cosine similarity, weight
/// exp(similarity / temperature). The usual monitor of contrastive training: it learns nothing, so it measures the features.
/// It works on the device where the features lie.</summary>
public static class KnnClassifier
{
    /// <summary>Classifies every query by the bank's labels and counts how often that is its own label.</summary>
    /// <param name="bank">Vectors that vote, usually of the training images; those without a label do not.</param>
    /// <param name="queries">Vectors to classify on the bank's device, usually of the test images; those without a label are not asked.</param>
    /// <param name="options">Null: k 200, temperature 0.1.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>The accuracies. Equal votes go to the lower label.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions or devices, fewer bank vectors than neighbours, or features that are not finite.</exception>
    public static Accuracy Evaluate(FeatureSet bank, FeatureSet queries, KnnOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new KnnOptions();
        options.Validate();
        var grid = new KnnGridOptions { Neighbours = [options.Neighbours], Temperatures = [options.Temperature], BlockSize = options.BlockSize };
        return EvaluateGrid(bank, queries, grid, cancellationToken)[0].Result;
    }

    /// <summary>Does the same for several k and temperatures in one pass over the similarities: it costs little more than the
    /// largest k alone.</summary>
    /// <param name="bank">Vectors that vote; those without a label do not.</param>
    /// <param name="queries">Vectors to classify, on the bank's device; those without a label are not asked.</param>
    /// <param name="options">Null: six k from 1 to 200 at three temperatures.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>The accuracies, k by k in the options' order, for each k the temperatures.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions or devices, fewer bank vectors than neighbours, or features that are not finite.</exception>
    public static IReadOnlyList<KnnScore> EvaluateGrid(
        FeatureSet bank, FeatureSet queries, KnnGridOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new KnnGridOptions();
        options.Validate();
        (int[] voters, int[] asked, int most) = (bank.LabelledRows(), queries.LabelledRows(), options.Neighbours.Max());
        Check(bank, voters, queries, asked, most);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor similarities, Tensor entries) = NeighbourSearch.Nearest(
            queries.UnitVectors(asked, nameof(queries)), asked.Length, bank.UnitVectors(voters, nameof(bank)), voters.Length, bank.Dimension, most,
            options.BlockSize, cancellationToken);
        using (similarities)
        using (entries)
        {
            Tensor labels = bank.LabelsOf(voters).index_select(0, entries.flatten()).view(asked.Length, most), own = queries.LabelsOf(asked).unsqueeze(1);
            int classes = Math.Max(bank.Labels!.Max(), queries.Labels!.Max()) + 1;
            long[,] counts = new long[options.Neighbours.Count * options.Temperatures.Count, 2];
            for (int start = 0; start < asked.Length; start += options.BlockSize)
            {
                int size = Math.Min(options.BlockSize, asked.Length - start);
                Vote(similarities.narrow(0, start, size), labels.narrow(0, start, size), own.narrow(0, start, size), classes, options, counts);
            }

            return [.. Enumerable.Range(0, counts.GetLength(0)).Select(i => new KnnScore(
                options.Neighbours[i / options.Temperatures.Count],
                options.Temperatures[i % options.Temperatures.Count],
                new Accuracy((int)counts[i, 0], (int)counts[i, 1], asked.Length)))];
        }
    }

    /// <summary>Counts how often the own label is first, and among the first five, at every setting.</summary>
    /// <param name="similarities">n×k, descending.</param>
    /// <param name="labels">n×k, the neighbours' classes.</param>
    /// <param name="own">n×1.</param>
    /// <param name="classes">C.</param>
    /// <param name="options">The settings.</param>
    /// <param name="counts">Receives the counts, k by k, for each k the temperatures.</param>
    private static void Vote(Tensor similarities, Tensor labels, Tensor own, int classes, KnnGridOptions options, long[,] counts)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar five = 5L.ToScalar();
        Tensor lower = TensorValues.Range(0, classes, 1, own.device).unsqueeze(0).lt(own); // n×C
        // Relative to the nearest, so that no temperature overflows; the order of votes is the same.
        Tensor distances = similarities.sub(similarities.narrow(1, 0, 1)).to(ScalarType.Float64); // n×k
        for (int t = 0; t < options.Temperatures.Count; t++)
        {
            using DisposeScope inner = NewDisposeScope();
            using Scalar temperature = options.Temperatures[t].ToScalar();
            Tensor weights = distances.div(temperature).exp_(), votes = zeros(own.shape[0], classes, dtype: ScalarType.Float64, device: own.device);
            int counted = 0;
            foreach (int setting in Enumerable.Range(0, options.Neighbours.Count).OrderBy(i => options.Neighbours[i]))
            {
                int more = options.Neighbours[setting] - counted;
                votes.scatter_add_(1, labels.narrow(1, counted, more), weights.narrow(1, counted, more));
                counted += more;
                Tensor ownVotes = votes.gather(1, own);
                Tensor rank = votes.gt(ownVotes).logical_or_(votes.eq(ownVotes).logical_and_(lower)).sum(1); // n
                int place = (setting * options.Temperatures.Count) + t;
                counts[place, 0] += rank.lt(One).sum().cpu().item<long>();
                counts[place, 1] += rank.lt(five).sum().cpu().item<long>();
            }
        }
    }

    private static void Check(FeatureSet bank, int[] voters, FeatureSet queries, int[] asked, int neighbours)
    {
        if (voters.Length == 0)
            throw new ArgumentException("The bank has no labels, so nothing can vote.", nameof(bank));
        if (asked.Length == 0)
            throw new ArgumentException("The queries have no labels to compare with.", nameof(queries));
        if (bank.Dimension != queries.Dimension)
            throw new ArgumentException($"Expected queries of {bank.Dimension} dimensions as the bank's, found {queries.Dimension}.", nameof(queries));
        if (bank.Features.device.ToString() != queries.Features.device.ToString())
            throw new ArgumentException($"Expected queries on {bank.Features.device} as the bank, found {queries.Features.device}.", nameof(queries));
        if (voters.Length < neighbours)
        {
            string kind = voters.Length < bank.Count ? "labelled " : "";
            throw new ArgumentException($"{nameof(KnnOptions.Neighbours)} is {neighbours}, the bank has only {voters.Length} {kind}vectors.", nameof(bank));
        }
    }
}
