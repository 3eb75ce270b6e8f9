using MoCo.Evaluation.Clustering;

namespace MoCo.Tests.Evaluation.Clustering;

public sealed class ClusterAgreementTests
{
    // Values of scikit-learn's documentation for adjusted_rand_score, and what follows from the definitions.
    [Theory]
    [InlineData("0 0 1 1", "1 1 0 0", 1, 1, 1)]
    [InlineData("0 0 1 2", "0 0 1 1", 0.8, 0.75, 4.0 / 7)]
    [InlineData("0 0 0 0", "0 1 2 3", 0, 0.25, 0)]
    [InlineData("0 0 1 1", "0 1 0 1", 0, 0.5, -0.5)]
    [InlineData("3 3 3", "0 0 0", 1, 1, 1)]
    [InlineData("0 0 1 1 1", "0 0 1 1 -1", 1, 1, 1)]
    public void Small_cases_have_the_values_of_the_definitions(string clusters, string labels, double nmi, double acc, double ari)
    {
        ClusterAgreement found = ClusterAgreement.Measure(Numbers(clusters), Numbers(labels));
        Assert.Equal(nmi, found.MutualInformation, 1e-12);
        Assert.Equal(acc, found.Accuracy, 1e-12);
        Assert.Equal(ari, found.AdjustedRand, 1e-12);
    }

    [Fact]
    public void The_matching_is_the_best_of_all_permutations_and_ARI_that_of_counted_pairs()
    {
        Random random = new(3);
        for (int trial = 0; trial < 30; trial++)
        {
            int[] clusters = [.. Enumerable.Range(0, 60).Select(_ => random.Next(5))];
            int[] labels = [.. clusters.Select(cluster => random.Next(3) == 0 ? random.Next(5) : (cluster * 2 + 1) % 5)];
            ClusterAgreement found = ClusterAgreement.Measure(clusters, labels);
            double best = Permutations([0, 1, 2, 3, 4]).Max(map => clusters.Zip(labels).Count(pair => map[pair.First] == pair.Second));
            Assert.Equal(best / 60, found.Accuracy, 1e-12);

            double both = 0, inClusters = 0, inClasses = 0, all = 0;
            for (int i = 0; i < 60; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    (bool cluster, bool label) = (clusters[i] == clusters[j], labels[i] == labels[j]);
                    all++;
                    if (cluster) inClusters++;
                    if (label) inClasses++;
                    if (cluster && label) both++;
                }
            }
            double chance = inClusters * inClasses / all;
            Assert.Equal((both - chance) / ((inClusters + inClasses) / 2 - chance), found.AdjustedRand, 1e-12);
        }
    }

    [Fact]
    public void What_can_not_be_compared_is_named()
    {
        Assert.Contains("Expected 2 clusters", Assert.Throws<ArgumentException>(() => ClusterAgreement.Measure([1], [0, 1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("None of the images", Assert.Throws<ArgumentException>(() => ClusterAgreement.Measure([1], [-1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("A cluster is -3", Assert.Throws<ArgumentException>(() => ClusterAgreement.Measure([-3], [1])).Message,
            StringComparison.Ordinal);
    }

    private static int[] Numbers(string text) => [.. text.Split(' ').Select(int.Parse)];

    private static IEnumerable<int[]> Permutations(int[] values) => values.Length <= 1 ? [values]
        : values.SelectMany(first => Permutations([.. values.Where(value => value != first)]).Select(rest => (int[])[first, .. rest]));
}
