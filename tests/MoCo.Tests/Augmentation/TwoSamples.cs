namespace MoCo.Tests.Augmentation;

/// <summary>Whether two histograms of unequal counts can be of one distribution.</summary>
internal static class TwoSamples
{
    /// <summary>Fails where two samples of one distribution would differ so much in less than one case of ten thousand.</summary>
    internal static void AssertAlike(ReadOnlySpan<int> first, ReadOnlySpan<int> second, string what)
    {
        Assert.Equal(first.Length, second.Length);
        (double firstTotal, double secondTotal) = (Total(first), Total(second));
        (double statistic, int degrees) = (0.0, -1);
        for (int i = 0; i < first.Length; i++)
        {
            if (first[i] + second[i] == 0) continue;
            double difference = (first[i] * Math.Sqrt(secondTotal / firstTotal)) - (second[i] * Math.Sqrt(firstTotal / secondTotal));
            statistic += difference * difference / (first[i] + second[i]);
            degrees++;
        }
        if (degrees < 1) return;
        // Wilson and Hilferty's approximation of the 99.99th percentile.
        double ninth = 2.0 / (9 * degrees);
        double limit = degrees * Math.Pow(1 - ninth + (3.719 * Math.Sqrt(ninth)), 3);
        Assert.True(statistic < limit, $"{what}: χ² is {statistic:F1} with {degrees} degrees of freedom, expected less than {limit:F1}.");
    }

    private static double Total(ReadOnlySpan<int> counts)
    {
        double total = 0.0;
        foreach (int count in counts) total += count;
        return total;
    }
}
