namespace MoCo.Tests.Augmentation;

/// <summary>Pearson's test: whether counts are as a distribution would have them.</summary>
internal static class ChiSquare
{
    /// <summary>Fails where evenly likely cells would give such counts in less than one case of a thousand.</summary>
    internal static void AssertEven(ReadOnlySpan<int> counts)
    {
        int total = 0;
        foreach (int count in counts) total += count;
        double expected = (double)total / counts.Length;
        double statistic = 0.0;
        foreach (int count in counts) statistic += (count - expected) * (count - expected) / expected;
        double limit = Limit(counts.Length - 1);
        Assert.True(statistic < limit, $"χ² is {statistic:F1}, expected less than {limit:F1}.");
    }

    /// <summary>Fails where an event of this probability would happen so often, or so seldom, in less than one case of a
    /// thousand.</summary>
    internal static void AssertProbability(double probability, int happened, int draws)
    {
        (double expected, double not) = (probability * draws, (1 - probability) * draws);
        double difference = happened - expected;
        double statistic = (difference * difference / expected) + (difference * difference / not);
        Assert.True(statistic < Limit(1), $"Happened {happened} times in {draws}, expected about {expected}.");
    }

    /// <summary>The 99.9th percentile (Wilson and Hilferty's approximation; 10.8 for one degree, 49.7 for 23).</summary>
    private static double Limit(int degrees)
    {
        if (degrees == 1) return 10.83;
        double ninth = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - ninth + (3.0902 * Math.Sqrt(ninth)), 3);
    }
}
