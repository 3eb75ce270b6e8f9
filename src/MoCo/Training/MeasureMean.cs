namespace MoCo.Training;

/// <summary>A running mean of steps' measures.</summary>
internal sealed class MeasureMean
{
    private MeasuredStep sum;

    /// <summary>Steps so far.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; not a number before the first.</summary>
    public MeasuredStep Mean => new(sum.Loss / Count, sum.ContrastAccuracy / Count, sum.PositiveSimilarity / Count, sum.NegativeSimilarity / Count, sum.Spread / Count);

    public void Add(MeasuredStep step)
    {
        sum = new(sum.Loss + step.Loss, sum.ContrastAccuracy + step.ContrastAccuracy, sum.PositiveSimilarity + step.PositiveSimilarity,
            sum.NegativeSimilarity + step.NegativeSimilarity, sum.Spread + step.Spread);
        Count++;
    }
}
