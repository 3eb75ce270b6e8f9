using MoCo.Evaluation.Clustering;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Clustering;

public sealed class KMeansTests
{
    [Fact]
    public void Clouds_of_directions_are_found_whatever_the_lengths_of_their_vectors()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3, CPU);
        int[] classes = [.. Enumerable.Range(0, 200).Select(row => row % 4)];
        Tensor centers = eye(4, 12), noise = randn(200, 12, generator: generator).Times(0.05);
        Tensor directions = centers.index_select(0, tensor([.. classes.Select(label => (long)label)])).Plus(noise);
        Tensor features = directions * rand(200, 1, generator: generator).Plus(0.1);
        (IReadOnlyList<int> found, double inertia) = KMeans.Cluster(features, 4);
        Assert.Equal(new ClusterAgreement(1, 1, 1), ClusterAgreement.Measure(found, classes));
        Assert.InRange(inertia, 0.01, 0.05);
        Assert.Equal(found, KMeans.Cluster(features, 4).Clusters);
    }

    [Fact]
    public void The_clusters_are_a_fixed_point_every_row_is_with_the_mean_it_is_nearest_to()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(4, CPU);
        Tensor features = nn.functional.normalize(randn(150, 5, generator: generator), dim: 1);
        (IReadOnlyList<int> found, double inertia) = KMeans.Cluster(features, 7, restarts: 2);
        Assert.Equal(7, found.Distinct().Count());
        Tensor means = stack(Enumerable.Range(0, 7).Select(
            cluster => features.index_select(0, tensor([.. found.Index().Where(row => row.Item == cluster).Select(row => (long)row.Index)]))
                .mean([0L])));
        double sum = 0;
        for (int row = 0; row < 150; row++)
        {
            double[] distances = (means - features[row]).Squared().sum(1).data<float>().Select(value => (double)value).ToArray();
            Assert.Equal(distances.Min(), distances[found[row]], 1e-6);
            sum += distances.Min();
        }
        Assert.Equal(sum / 150, inertia, 1e-6);
        // More beginnings are never worse.
        Assert.True(KMeans.Cluster(features, 7, restarts: 20).Inertia <= inertia + 1e-9);
        Assert.NotEqual(found, KMeans.Cluster(features, 7, restarts: 2, seed: 1L << 40).Clusters);
    }

    [Fact]
    public void As_many_clusters_as_rows_are_the_rows_even_where_rows_are_alike_and_more_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(3, KMeans.Cluster(eye(3), 3).Clusters.Distinct().Count());
        Assert.Equal(4, KMeans.Cluster(ones(4, 2), 2).Clusters.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => KMeans.Cluster(eye(3), 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => KMeans.Cluster(eye(3), 0));
        Assert.Throws<OperationCanceledException>(() => KMeans.Cluster(eye(3), 2, cancellationToken: new CancellationToken(true)));
    }
}
