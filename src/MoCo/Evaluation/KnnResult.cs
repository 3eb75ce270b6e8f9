namespace MoCo.Evaluation;

/// <summary>How often the neighbours' vote found the label.</summary>
/// <param name="Correct">Queries whose label got the most votes.</param>
/// <param name="CorrectInFive">Queries whose label is among the five with the most votes.</param>
/// <param name="Total">Queries.</param>
public readonly record struct KnnResult(int Correct, int CorrectInFive, int Total)
{
    /// <summary>Top-1 accuracy, 0 … 1.</summary>
    public double Top1 => (double)Correct / Total;

    /// <summary>Top-5 accuracy, 0 … 1.</summary>
    public double Top5 => (double)CorrectInFive / Total;
}
