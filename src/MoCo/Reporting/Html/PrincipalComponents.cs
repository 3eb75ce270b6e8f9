using System.Numerics;
using System.Runtime.InteropServices;
using MoCo.Augmentation;

namespace MoCo.Reporting;

/// <summary>The two directions in which embeddings differ most, by power iteration on both at once; the same map every time.</summary>
internal sealed class PrincipalComponents
{
    private const int MostIterations = 300;

    private PrincipalComponents(float[] x, float[] y, double shareX, double shareY) => (X, Y, ShareX, ShareY) = (x, y, shareX, shareY);

    /// <summary>First coordinate of each embedding.</summary>
    public float[] X { get; }

    /// <summary>Second coordinate.</summary>
    public float[] Y { get; }

    /// <summary>The first direction's share of the variance, 0–1.</summary>
    public double ShareX { get; }

    /// <summary>The second's.</summary>
    public double ShareY { get; }

    /// <param name="values">N×D.</param>
    /// <param name="dimensions">D.</param>
    public static PrincipalComponents Of(ReadOnlySpan<float> values, int dimensions)
    {
        float[] centred = Centred(values, dimensions);
        int count = centred.Length / dimensions;
        double total = centred.Sum(value => (double)value * value);
        // A start that favours no dimension, yet is not orthogonal to anything likely.
        float[] first = [.. Enumerable.Range(0, dimensions).Select(i => 1 + 0.5f * MathF.Sin(i))], second = [.. Enumerable.Range(0, dimensions).Select(i => MathF.Cos(2.3f * i))];
        float[] x = new float[count], y = new float[count];
        for (var iteration = 0; total > 0 && iteration < MostIterations; iteration++)
        {
            float[] nextFirst = Multiplied(centred, first, x), nextSecond = Multiplied(centred, second, y);
            Normalize(nextFirst);
            Subtract(nextSecond, nextFirst);
            Normalize(nextSecond);
            double change = 2 - Math.Abs(Dot(first, nextFirst)) - Math.Abs(Dot(second, nextSecond));
            (first, second) = (nextFirst, nextSecond);
            if (iteration > 0 && change < 1e-7) break;
        }
        Project(centred, Signed(first), x);
        Project(centred, Signed(second), y);
        return new PrincipalComponents(x, y, Share(x, total), Share(y, total));
    }

    private static double Share(float[] coordinates, double total) => total > 0 ? coordinates.Sum(value => (double)value * value) / total : 0;

    private static float[] Centred(ReadOnlySpan<float> values, int dimensions)
    {
        var mean = new double[dimensions];
        for (var i = 0; i < values.Length; i++) mean[i % dimensions] += values[i];
        var centred = new float[values.Length];
        for (var i = 0; i < values.Length; i++) centred[i] = (float)(values[i] - mean[i % dimensions] * dimensions / values.Length);
        return centred;
    }

    // Xᵀ(X·direction); X·direction is left in projected.
    private static float[] Multiplied(float[] centred, float[] direction, float[] projected)
    {
        Project(centred, direction, projected);
        var sum = new float[direction.Length];
        for (var row = 0; row < projected.Length; row++) AddScaled(sum, Row(centred, row, direction.Length), projected[row]);
        return sum;
    }

    private static void Project(float[] centred, float[] direction, float[] projected)
    {
        for (var row = 0; row < projected.Length; row++) projected[row] = Dot(Row(centred, row, direction.Length), direction);
    }

    private static ReadOnlySpan<float> Row(float[] centred, int row, int dimensions) => centred.AsSpan(row * dimensions, dimensions);

    // The largest part of a direction counts as positive: else a map would be mirrored at random.
    private static float[] Signed(float[] direction)
    {
        float largest = direction.MaxBy(MathF.Abs);
        return largest < 0 ? [.. direction.Select(value => -value)] : direction;
    }

    private static void Subtract(float[] direction, float[] other) => AddScaled(direction, other, -Dot(direction, other));

    private static void Normalize(float[] direction)
    {
        float length = MathF.Sqrt(Dot(direction, direction));
        for (var i = 0; i < direction.Length; i++) direction[i] = length > 0 ? direction[i] / length : 0;
    }

    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ReadOnlySpan<Vector<float>> lefts = MemoryMarshal.Cast<float, Vector<float>>(left), rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        Vector<float> sums = default;
        for (var i = 0; i < lefts.Length; i++) sums += lefts[i] * rights[i];
        float sum = Vector.Sum(sums);
        for (int i = lefts.Length * Vector<float>.Count; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        ReadOnlySpan<Vector<float>> parts = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var i = 0; i < sums.Length; i++) sums[i] += parts[i] * factor;
        for (int i = sums.Length * Vector<float>.Count; i < sum.Length; i++) sum[i] += values[i] * factor;
    }
}
