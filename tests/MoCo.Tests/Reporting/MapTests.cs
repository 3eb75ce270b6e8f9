using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

public sealed class MapTests
{
    [Fact]
    public void Principal_components_find_the_axes_along_which_points_were_stretched()
    {
        const int Dimensions = 37, Count = 500;
        var random = new Random(5);
        var values = new float[Count * Dimensions];
        var expected = new (double Long, double Short)[Count];
        for (var i = 0; i < Count; i++)
        {
            double[] place = [.. Enumerable.Range(0, Dimensions).Select(j => j switch { 3 => 9.0, 20 => 4, _ => 0.1 } * Gaussian(random))];
            expected[i] = (place[3], place[20]);
            for (var j = 0; j < Dimensions; j++) values[i * Dimensions + j] = (float)(place[j] + 100);
        }

        PrincipalComponents map = PrincipalComponents.Of(values, Dimensions);

        Assert.True(Correlation(map.X, [.. expected.Select(point => point.Long)]) > 0.999);
        Assert.True(Math.Abs(Correlation(map.Y, [.. expected.Select(point => point.Short)])) > 0.99);
        Assert.InRange(map.ShareX, 0.75, 0.9);
        Assert.InRange(map.ShareX + map.ShareY, 0.99, 1);
    }

    [Fact]
    public void Equal_points_and_single_ones_have_a_map_too()
    {
        PrincipalComponents same = PrincipalComponents.Of([2, 3, 2, 3, 2, 3], 2);
        Assert.All(same.X.Concat(same.Y), value => Assert.Equal(0, value));
        Assert.Equal(0, same.ShareX);
        Assert.All(PrincipalComponents.Of([1, 2, 5], 1).Y, value => Assert.Equal(0, value));
    }

    [Fact]
    public void T_SNE_weights_are_symmetric_sum_to_one_and_have_the_perplexity_asked_for()
    {
        const int Count = 60;
        float[] values = Clusters(Count, 4, out _);

        float[] near = TSneAffinities.Of(values, Count, 10);

        Assert.Equal(1, near.Sum(), 4);
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(0, near[i * Count + i]);
            for (var j = 0; j < i; j++) Assert.Equal(near[i * Count + j], near[j * Count + i]);
        }
        // In the middle of a regular ring all points are alike: there symmetrizing changes nothing and the entropy can be read off.
        float[] ring = [.. Enumerable.Range(0, Count).SelectMany(i => new[] { MathF.Cos(2 * MathF.PI * i / Count), MathF.Sin(2 * MathF.PI * i / Count) })];
        double[] row = [.. TSneAffinities.Of(ring, Count, 10)[..Count].Select(weight => (double)weight * Count)];
        Assert.Equal(10, Math.Exp(-row.Where(weight => weight > 0).Sum(weight => weight * Math.Log(weight))), 0.01);
    }

    [Fact]
    public void T_SNE_keeps_clusters_together_that_two_components_mix_and_is_the_same_every_time()
    {
        const int Count = 300;
        float[] values = Clusters(Count, 8, out int[] labels);
        PrincipalComponents start = PrincipalComponents.Of(values, 32);

        (float[] x, float[] y) = TSne.Of(values, start, 20);

        Assert.True(SameLabelled(x, y, labels) > 0.98);
        Assert.True(SameLabelled(x, y, labels) > SameLabelled(start.X, start.Y, labels));
        Assert.Equal(x, TSne.Of(values, start, 20).X);
    }

    // Points around centres in 32 dimensions, point i in cluster i mod clusters.
    private static float[] Clusters(int count, int clusters, out int[] labels)
    {
        var random = new Random(11);
        double[] centres = [.. Enumerable.Range(0, clusters * 32).Select(_ => Gaussian(random))];
        int[] chosen = labels = [.. Enumerable.Range(0, count).Select(i => i % clusters)];
        return [.. Enumerable.Range(0, count * 32).Select(i => (float)(centres[chosen[i / 32] * 32 + i % 32] + 0.5 * Gaussian(random)))];
    }

    // The share of points whose nearest neighbour on the map has their label.
    private static double SameLabelled(float[] x, float[] y, int[] labels)
        => Enumerable.Range(0, x.Length).Average(i
            => labels[Enumerable.Range(0, x.Length).Where(j => j != i).MinBy(j => Math.Pow(x[i] - x[j], 2) + Math.Pow(y[i] - y[j], 2))] == labels[i] ? 1.0 : 0);

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Correlation(float[] left, double[] right)
    {
        double meanLeft = left.Average(), meanRight = right.Average();
        double both = 0, lefts = 0, rights = 0;
        for (var i = 0; i < left.Length; i++)
        {
            both += (left[i] - meanLeft) * (right[i] - meanRight);
            lefts += Math.Pow(left[i] - meanLeft, 2);
            rights += Math.Pow(right[i] - meanRight, 2);
        }
        return both / Math.Sqrt(lefts * rights);
    }
}
