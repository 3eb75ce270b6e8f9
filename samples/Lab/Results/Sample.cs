namespace Lab.Results;

/// <summary>What repetitions of a run came to.</summary>
internal sealed record Sample(IReadOnlyList<double> Values)
{
    /// <summary>Not a number where there is none.</summary>
    public double Mean => Values.DefaultIfEmpty(double.NaN).Average();

    /// <summary>The standard deviation of a sample; 0 of a single one.</summary>
    public double Deviation => Values.Count < 2 ? 0 : Math.Sqrt(Values.Sum(value => Math.Pow(value - Mean, 2)) / (Values.Count - 1));

    public override string ToString() => Values.Count switch
    {
        0 => "–",
        1 => $"{Mean:F1}",
        _ => $"{Mean:F1} ± {Deviation:F1}",
    };
}
