namespace MoCo.Evaluation;

/// <summary>How often a classifier found the label.</summary>
/// <param name="Correct">Images whose label came first.</param>
/// <param name="CorrectInFive">Images whose label was among the first five.</param>
/// <param name="Total">Images asked.</param>
public readonly record struct Accuracy(int Correct, int CorrectInFive, int Total)
{
    /// <summary>Top-1 accuracy, 0 … 1.</summary>
    public double Top1 => (double)Correct / Total;

    /// <summary>Top-5 accuracy, 0 … 1.</summary>
    public double Top5 => (double)CorrectInFive / Total;
}
