using MoCo.Evaluation.Diagnostics;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Diagnostics;

public sealed class PrincipalComponentsTests
{
    [Fact]
    public void The_axes_along_which_points_were_stretched_are_found()
    {
        const int Dimensions = 37, Count = 500;
        Random random = new(5);
        float[] values = new float[Count * Dimensions];
        (double Long, double Short)[] expected = new (double Long, double Short)[Count];
        for (int i = 0; i < Count; i++)
        {
            double[] place = [.. Enumerable.Range(0, Dimensions).Select(j => j switch { 3 => 9.0, 20 => 4, _ => 0.1 } * Gaussian(random))];
            expected[i] = (place[3], place[20]);
            for (int j = 0; j < Dimensions; j++) values[i * Dimensions + j] = (float)(place[j] + 100);
        }
        PrincipalComponents map = Of(values, Dimensions);

        Assert.True(Correlation(map.Points.Select(point => point.X), expected.Select(point => point.Long)) > 0.999);
        Assert.True(Correlation(map.Points.Select(point => point.Y), expected.Select(point => point.Short)) > 0.99);
        Assert.InRange(map.ShareX, 0.75, 0.9);
        Assert.InRange(map.ShareX + map.ShareY, 0.99, 1);
    }

    [Theory]
    [InlineData(40, 6)] // more embeddings than dimensions
    [InlineData(6, 40)] // and fewer
    [InlineData(9, 9)]
    public void They_are_those_of_a_naive_power_iteration_with_the_largest_part_of_a_direction_positive(int count, int dimensions)
    {
        Random random = new(count);
        // Directions of clearly different variance, so that the iteration converges.
        float[] values = [.. Enumerable.Range(0, count * dimensions).Select(i => (float)(Gaussian(random) / (1 + i % dimensions)))];

        PrincipalComponents map = Of(values, dimensions);

        (double[] x, double[] y, double shareX, double shareY) = Naive(values, dimensions);
        Assert.Equal(x, map.Points.Select(point => point.X), Near);
        Assert.Equal(y, map.Points.Select(point => point.Y), Near);
        Assert.Equal(shareX, map.ShareX, 1e-6);
        Assert.Equal(shareY, map.ShareY, 1e-6);
        Assert.Equal(map.Points, Of(values, dimensions).Points);
    }

    [Fact]
    public void Equal_points_single_ones_and_one_dimension_have_a_map_too()
    {
        PrincipalComponents same = Of([2, 3, 2, 3, 2, 3], 2);
        Assert.All(same.Points, point => Assert.Equal((0, 0), point));
        Assert.Equal(0, same.ShareX);
        Assert.Equal([(0, 0)], Of([2, 3, 4], 3).Points);

        PrincipalComponents line = Of([1, 2, 6], 1);
        Assert.Equal([-2, -1, 3], line.Points.Select(point => point.X), Near);
        Assert.All(line.Points, point => Assert.Equal(0, point.Y));
        Assert.Equal((1, 0), (Math.Round(line.ShareX, 12), line.ShareY));

        // Two points of many dimensions lie on a line: nothing is left for the second direction, not even rounding.
        PrincipalComponents two = Of([.. Enumerable.Range(0, 80).Select(i => 1e5f * MathF.Sin(i * i))], 40);
        Assert.All(two.Points, point => Assert.InRange(point.Y / two.Points.Max(other => other.X), -1e-6, 1e-6));
        Assert.Equal(1, two.ShareX, 1e-9);
        Assert.Equal(0, two.ShareY);

        // Equal images in different places of a batch: what differs is float32's last digit, not the images.
        float[] row = [.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i * i))];
        PrincipalComponents nearlySame = Of([.. row, .. row.Select(MathF.BitIncrement), .. row, .. row], 40);
        Assert.Equal((0, 0), (nearlySame.ShareX, nearlySame.ShareY));
    }

    [Fact]
    public void Wrong_input_is_named_and_nothing_stays_behind()
    {
        Assert.Contains("Embedding 1 has a value that is not finite", Assert.Throws<ArgumentException>(() => Of([1, 2, 3, float.NaN], 2))
            .Message, StringComparison.Ordinal);
        using Tensor flat = zeros(3);
        Assert.Contains("of shape N×D, floating, found 3 Float32", Assert.Throws<ArgumentException>(() => PrincipalComponents.Of(flat))
            .Message, StringComparison.Ordinal);

        using Tensor some = rand(8, 5);
        long before = LiveTensors.Settled();
        PrincipalComponents.Of(some);
        Assert.Equal(before, LiveTensors.Settled());
    }

    private static PrincipalComponents Of(float[] values, int dimensions)
    {
        using Tensor embeddings = tensor(values, values.Length / dimensions, dimensions);
        return PrincipalComponents.Of(embeddings);
    }

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-5;

    private static (double[] X, double[] Y, double ShareX, double ShareY) Naive(float[] values, int dimensions)
    {
        double[][] rows = [.. values.Chunk(dimensions).Select(row => row.Select(value => (double)value).ToArray())];
        double[] mean = [.. Enumerable.Range(0, dimensions).Select(j => rows.Average(row => row[j]))];
        foreach (double[] row in rows)
            for (int j = 0; j < dimensions; j++) row[j] -= mean[j];
        double total = rows.Sum(row => Dot(row, row));
        List<double[]> found = new();
        for (int k = 0; k < 2; k++)
        {
            double[] direction = [.. Enumerable.Range(0, dimensions).Select(j => 1 + 0.1 * j)];
            for (int iteration = 0; iteration < 5000; iteration++)
            {
                double[] next = new double[dimensions];
                foreach (double[] row in rows)
                {
                    double projected = Dot(row, direction);
                    for (int j = 0; j < dimensions; j++) next[j] += projected * row[j];
                }
                foreach (double[] other in found)
                {
                    double shared = Dot(next, other);
                    for (int j = 0; j < dimensions; j++) next[j] -= shared * other[j];
                }
                double length = Math.Sqrt(Dot(next, next));
                direction = [.. next.Select(value => value / length)];
            }
            found.Add(direction.MaxBy(Math.Abs) < 0 ? [.. direction.Select(value => -value)] : direction);
        }
        double[] x = [.. rows.Select(row => Dot(row, found[0]))], y = [.. rows.Select(row => Dot(row, found[1]))];
        return (x, y, Dot(x, x) / total, Dot(y, y) / total);
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static double Gaussian(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Correlation(IEnumerable<double> left, IEnumerable<double> right)
    {
        double[] a = [.. left.Select(value => value - left.Average())], b = [.. right.Select(value => value - right.Average())];
        return Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));
    }
}
