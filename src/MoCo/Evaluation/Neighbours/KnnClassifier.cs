using MoCo.Evaluation.Features;
using MoCo.Tensors;

namespace MoCo.Evaluation.Neighbours;

/// <summary>Classifies by the weighted vote of the nearest neighbours (Wu et al., 2018): cosine similarity, weight exp(similarity /
/// temperature). The usual monitor of contrastive training: it learns nothing, so it measures the features. It works on the device where
/// the features lie.</summary>
public static class KnnClassifier
{
    private const int MostBlockSize = 65_536;

    /// <summary>Classifies every query by the bank's labels and counts how often that is its own label.</summary>
    /// <param name="bank">Vectors that vote, usually of the training images; those without a label do not.</param>
    /// <param name="queries">Vectors to classify on the bank's device, usually of test images; those without a label are not asked.</param>
    /// <param name="neighbours">How many nearest neighbours vote (k), at least 1.</param>
    /// <param name="temperature">The temperature of a vote's weight, above 0.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>The accuracies. Equal votes go to the lower label.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions or devices, too few bank vectors, or some not finite.</exception>
    public static Accuracy Evaluate(
        FeatureSet bank, FeatureSet queries, int neighbours = 200, double temperature = 0.1, CancellationToken cancellationToken = default)
        => EvaluateGrid(bank, queries, [neighbours], [temperature], cancellationToken: cancellationToken)[0].Accuracy;

    /// <summary>Does the same for several k and temperatures in one pass over the similarities: it costs little more than the largest k
    /// alone.</summary>
    /// <param name="bank">Vectors that vote; those without a label do not.</param>
    /// <param name="queries">Vectors to classify, on the bank's device; those without a label are not asked.</param>
    /// <param name="neighbours">Numbers of nearest neighbours that vote (k), each at least 1; null: 1, 10, 20, 50, 100, 200.</param>
    /// <param name="temperatures">Temperatures of a vote's weight, each above 0; null: 0.07, 0.1, 0.2.</param>
    /// <param name="blockSize">Queries compared at a time at most, 1 … 65,536: bounds memory, not the result.</param>
    /// <param name="cancellationToken">Ends the search between two blocks.</param>
    /// <returns>The accuracies, k by k in the order given, for each k the temperatures.</returns>
    /// <exception cref="ArgumentException">No labels, unequal dimensions or devices, too few bank vectors, or some not finite.</exception>
    public static IReadOnlyList<(int Neighbours, double Temperature, Accuracy Accuracy)> EvaluateGrid(
        FeatureSet bank,
        FeatureSet queries,
        IReadOnlyList<int>? neighbours = null,
        IReadOnlyList<double>? temperatures = null,
        int blockSize = NeighbourSearch.BlockSize,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(queries);
        neighbours ??= [1, 10, 20, 50, 100, 200];
        temperatures ??= [0.07, 0.1, 0.2];
        new OptionErrors(nameof(EvaluateGrid))
            .Check(neighbours.Count > 0 && neighbours.All(k => k >= 1), neighbours, "one number or more, each 1 or more")
            .Check(
                temperatures.Count > 0 && temperatures.All(t => t is > 0 and < double.PositiveInfinity),
                temperatures, "one or more, each above 0")
            .Check(blockSize is >= 1 and <= MostBlockSize, blockSize, $"1 to {MostBlockSize}")
            .ThrowIfAny();
        (int[] voters, int[] asked, int most) = (bank.LabelledRows(), queries.LabelledRows(), neighbours.Max());
        Check(bank, voters, queries, asked, most);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        (Tensor similarities, Tensor entries) = NeighbourSearch.Nearest(
            new UnitVectors(queries.UnitVectors(asked, nameof(queries)), asked.Length, queries.Dimension),
            new UnitVectors(bank.UnitVectors(voters, nameof(bank)), voters.Length, bank.Dimension), most, cancellationToken, blockSize);
        Tensor labels = bank.LabelsOf(voters).index_select(0, entries.flatten()).view(asked.Length, most);
        Tensor own = queries.LabelsOf(asked).unsqueeze(1);
        int classes = Math.Max(bank.Labels!.Max(), queries.Labels!.Max()) + 1;
        long[,] counts = new long[neighbours.Count * temperatures.Count, 2];
        for (int start = 0; start < asked.Length; start += blockSize)
        {
            int size = Math.Min(blockSize, asked.Length - start);
            Tensor Block(Tensor all) => all.narrow(0, start, size);
            Vote(Block(similarities), Block(labels), Block(own), classes, neighbours, temperatures, counts);
        }
        return [.. Enumerable.Range(0, counts.GetLength(0)).Select(i => (
            neighbours[i / temperatures.Count],
            temperatures[i % temperatures.Count],
            new Accuracy((int)counts[i, 0], (int)counts[i, 1], asked.Length)))];
    }

    /// <summary>Counts how often the own label (n×1) is first, and among the first five, at every setting, by the similarities (n×k,
    /// descending) and classes (n×k) of the neighbours.</summary>
    private static void Vote(
        Tensor similarities,
        Tensor labels,
        Tensor own,
        int classes,
        IReadOnlyList<int> neighbours,
        IReadOnlyList<double> temperatures,
        long[,] counts)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar five = 5L.ToScalar();
        Tensor lower = TensorValues.Range(0, classes, 1, own.device).unsqueeze(0).lt(own); // n×C
        // Relative to the nearest, so that no temperature overflows; the order of votes is the same.
        Tensor distances = similarities.sub(similarities.narrow(1, 0, 1)).to(ScalarType.Float64); // n×k
        for (int t = 0; t < temperatures.Count; t++)
        {
            using DisposeScope inner = NewDisposeScope();
            using Scalar temperature = temperatures[t].ToScalar();
            Tensor weights = distances.div(temperature).exp_();
            Tensor votes = zeros(own.shape[0], classes, dtype: ScalarType.Float64, device: own.device);
            int counted = 0;
            foreach (int setting in Enumerable.Range(0, neighbours.Count).OrderBy(i => neighbours[i]))
            {
                int more = neighbours[setting] - counted;
                votes.scatter_add_(1, labels.narrow(1, counted, more), weights.narrow(1, counted, more));
                counted += more;
                Tensor ownVotes = votes.gather(1, own);
                Tensor rank = votes.gt(ownVotes).logical_or_(votes.eq(ownVotes).logical_and_(lower)).sum(1); // n
                int place = (setting * temperatures.Count) + t;
                counts[place, 0] += rank.lt(One).sum().cpu().item<long>();
                counts[place, 1] += rank.lt(five).sum().cpu().item<long>();
            }
        }
    }

    private static void Check(FeatureSet bank, int[] voters, FeatureSet queries, int[] asked, int neighbours)
    {
        if (voters.Length == 0) throw new ArgumentException("The bank has no labels, so nothing can vote.", nameof(bank));
        if (asked.Length == 0) throw new ArgumentException("The queries have no labels to compare with.", nameof(queries));
        (int dimension, int other) = (bank.Dimension, queries.Dimension);
        if (dimension != other)
            throw new ArgumentException($"Expected queries of {dimension} dimensions as the bank's, found {other}.", nameof(queries));
        (string device, string place) = ($"{bank.Features.device}", $"{queries.Features.device}");
        if (device != place) throw new ArgumentException($"Expected queries on {device} as the bank, found {place}.", nameof(queries));
        if (voters.Length < neighbours)
        {
            string has = $"{voters.Length} {(voters.Length < bank.Count ? "labelled " : "")}vectors";
            throw new ArgumentException($"{nameof(neighbours)} is {neighbours}, the bank has only {has}.", nameof(bank));
        }
    }
}
