namespace MoCo.Reporting;

/// <summary>How near points are to each other: for each, Gaussian weights as wide as make the wanted perplexity, then made symmetric.</summary>
internal static class TSneAffinities
{
    private const int MostHalvings = 40;

    /// <summary>N×N weights whose sum is 1.</summary>
    public static float[] Of(ReadOnlyMemory<float> values, int count, double perplexity)
    {
        var near = new float[count * count];
        Parallel.For(0, count, i =>
        {
            Span<float> row = near.AsSpan(i * count, count);
            Distances(values.Span, i, row);
            Weigh(row, i, Math.Log(perplexity));
        });
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < i; j++)
                near[i * count + j] = near[j * count + i] = (near[i * count + j] + near[j * count + i]) / (2f * count);
        }
        return near;
    }

    private static void Distances(ReadOnlySpan<float> values, int i, Span<float> row)
    {
        int dimensions = values.Length / row.Length;
        ReadOnlySpan<float> own = values.Slice(i * dimensions, dimensions);
        float length = PrincipalComponents.Dot(own, own);
        for (var j = 0; j < row.Length; j++)
        {
            ReadOnlySpan<float> other = values.Slice(j * dimensions, dimensions);
            row[j] = Math.Max(0, length + PrincipalComponents.Dot(other, other) - 2 * PrincipalComponents.Dot(own, other));
        }
    }

    // Distances become weights of sum 1 whose entropy is the logarithm of the perplexity.
    private static void Weigh(Span<float> row, int self, double entropy)
    {
        float nearest = float.MaxValue;
        double mean = 0;
        for (var j = 0; j < row.Length; j++)
        {
            if (j == self) continue;
            nearest = Math.Min(nearest, row[j]);
            mean += row[j];
        }
        mean = mean / (row.Length - 1) - nearest;
        double precision = mean > 0 ? 1 / mean : 1, low = 0, high = double.PositiveInfinity;
        for (var halving = 0; halving < MostHalvings; halving++)
        {
            double found = Entropy(row, self, nearest, precision);
            if (Math.Abs(found - entropy) < 1e-4) break;
            if (found > entropy) low = precision;
            else high = precision;
            precision = double.IsInfinity(high) ? precision * 2 : (low + high) / 2;
        }
        double sum = 0;
        for (var j = 0; j < row.Length; j++) sum += row[j] = j == self ? 0 : MathF.Exp((float)(-precision * (row[j] - nearest)));
        for (var j = 0; j < row.Length; j++) row[j] /= (float)sum;
    }

    private static double Entropy(ReadOnlySpan<float> row, int self, float nearest, double precision)
    {
        double sum = 0, weighted = 0;
        for (var j = 0; j < row.Length; j++)
        {
            if (j == self) continue;
            float distance = row[j] - nearest, weight = MathF.Exp((float)(-precision * distance));
            sum += weight;
            weighted += distance * weight;
        }
        return Math.Log(sum) + precision * weighted / sum;
    }
}
