namespace MoCo.Evaluation.Linear;

/// <summary>The mean losses of an epoch, one for each learning rate.</summary>
internal sealed class EpochLosses(int rates)
{
    private readonly double[] sums = new double[rates];
    private long images;

    /// <summary>The lowest mean of those that are finite; not a number where none is.</summary>
    internal double Lowest => Means().Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();

    internal void Clear()
    {
        sums.AsSpan().Clear();
        images = 0;
    }

    internal void Add(ReadOnlySpan<double> means, int batch)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i] += means[i] * batch;
        images += batch;
    }

    internal double[] Means() => [.. sums.Select(sum => sum / images)];
}
