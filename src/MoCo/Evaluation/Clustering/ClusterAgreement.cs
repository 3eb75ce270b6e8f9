namespace MoCo.Evaluation.Clustering;

/// <summary>How well clusters agree with classes that they have not seen. All three are 1 for clusters that are the classes.</summary>
/// <param name="MutualInformation">NMI: 2·I(clusters; classes) / (H(clusters) + H(classes)), 0–1.</param>
/// <param name="Accuracy">ACC: the share of images whose cluster is matched to their class, with at most one class a cluster and the best
/// such matching (Hungarian method), 0–1.</param>
/// <param name="AdjustedRand">ARI: the share of pairs on which both agree, corrected for chance (Hubert and Arabie 1985): 0 for random
/// clusters, and below for worse.</param>
public readonly record struct ClusterAgreement(double MutualInformation, double Accuracy, double AdjustedRand)
{
    /// <summary>Compares clusters with classes.</summary>
    /// <param name="clusters">The cluster of each image, 0 or more.</param>
    /// <param name="labels">The class of each image; those with a negative one, unknown, are left out.</param>
    /// <exception cref="ArgumentException">Other numbers of clusters and labels, a negative cluster, or no known class.</exception>
    public static ClusterAgreement Measure(IReadOnlyList<int> clusters, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(labels);
        if (clusters.Count != labels.Count)
            throw new ArgumentException($"Expected {labels.Count} clusters, one for each label, found {clusters.Count}.", nameof(clusters));
        (int Cluster, int Label)[] known = [.. clusters.Zip(labels).Where(pair => pair.Second >= 0)];
        if (known.Length == 0) throw new ArgumentException("None of the images has a known class; expected some.", nameof(labels));
        if (known.Min(pair => pair.Cluster) is var least and < 0)
            throw new ArgumentException($"A cluster is {least}; expected 0 or more.", nameof(clusters));

        int size = 1 + Math.Max(known.Max(pair => pair.Cluster), known.Max(pair => pair.Label));
        double[,] counts = new double[size, size]; // clusters × classes, square for the matching
        foreach ((int cluster, int label) in known) counts[cluster, label]++;
        double[] ofCluster = [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Sum(j => counts[i, j]))];
        double[] ofClass = [.. Enumerable.Range(0, size).Select(j => Enumerable.Range(0, size).Sum(i => counts[i, j]))];
        return new ClusterAgreement(
            Mutual(counts, ofCluster, ofClass, known.Length), BestMatching(counts) / known.Length,
            Adjusted(counts, ofCluster, ofClass, known.Length));
    }

    private static double Mutual(double[,] counts, double[] ofCluster, double[] ofClass, double all)
    {
        double information = 0;
        for (int i = 0; i < ofCluster.Length; i++)
            for (int j = 0; j < ofClass.Length; j++)
                if (counts[i, j] > 0) information += counts[i, j] / all * Math.Log(counts[i, j] * all / (ofCluster[i] * ofClass[j]));
        double entropies = Entropy(ofCluster) + Entropy(ofClass);
        // One cluster and one class: they agree, and there is nothing to tell.
        return entropies == 0 ? 1 : Math.Clamp(2 * information / entropies, 0, 1);

        double Entropy(double[] sizes) => -sizes.Where(count => count > 0).Sum(count => count / all * Math.Log(count / all));
    }

    private static double Adjusted(double[,] counts, double[] ofCluster, double[] ofClass, double all)
    {
        double together = 0;
        foreach (double count in counts) together += Pairs(count);
        double inClusters = ofCluster.Sum(Pairs), inClasses = ofClass.Sum(Pairs);
        double chance = Pairs(all) == 0 ? 0 : inClusters * inClasses / Pairs(all), most = (inClusters + inClasses) / 2;
        return most == chance ? 1 : (together - chance) / (most - chance);

        static double Pairs(double count) => count * (count - 1) / 2;
    }

    /// <summary>The largest sum of entries of which no two share a row or a column: the Hungarian method with potentials, O(n³).</summary>
    private static double BestMatching(double[,] worth)
    {
        int size = worth.GetLength(0);
        double[] row = new double[size + 1], column = new double[size + 1];
        int[] rowOf = new int[size + 1], from = new int[size + 1];
        for (int next = 1; next <= size; next++)
        {
            rowOf[0] = next;
            int at = 0;
            double[] least = [.. Enumerable.Repeat(double.PositiveInfinity, size + 1)];
            bool[] isUsed = new bool[size + 1];
            do
            {
                isUsed[at] = true;
                (int taken, int best, double delta) = (rowOf[at], 0, double.PositiveInfinity);
                for (int j = 1; j <= size; j++)
                {
                    if (isUsed[j]) continue;
                    double cost = -worth[taken - 1, j - 1] - row[taken] - column[j];
                    if (cost < least[j]) (least[j], from[j]) = (cost, at);
                    if (least[j] < delta) (delta, best) = (least[j], j);
                }
                for (int j = 0; j <= size; j++)
                {
                    if (isUsed[j]) (row[rowOf[j]], column[j]) = (row[rowOf[j]] + delta, column[j] - delta);
                    else least[j] -= delta;
                }
                at = best;
            }
            while (rowOf[at] != 0);
            for (; at != 0; at = from[at]) rowOf[at] = rowOf[from[at]];
        }
        return Enumerable.Range(1, size).Sum(j => worth[rowOf[j] - 1, j - 1]);
    }
}
