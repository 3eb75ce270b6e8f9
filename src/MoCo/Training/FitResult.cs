namespace MoCo.Training;

/// <summary>How a call of Fit ended.</summary>
/// <param name="Cancelled">Whether it was asked to stop before the last epoch was done.</param>
/// <param name="Steps">Steps it made.</param>
/// <param name="Images">Images it saw.</param>
/// <param name="Elapsed">Time it took.</param>
public readonly record struct FitResult(bool Cancelled, long Steps, long Images, TimeSpan Elapsed);
