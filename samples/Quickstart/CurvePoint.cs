namespace Quickstart;

/// <summary>A point of the run's curve.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epochs done, with fractions.</param>
/// <param name="Seconds">Since training began, interruptions left out.</param>
/// <param name="Loss">Mean loss since the last point; null where only accuracy was measured.</param>
/// <param name="ContrastAccuracy">Mean contrast accuracy since the last point, 0–1; null as above.</param>
/// <param name="LearningRate">The rate of the latest step; null as above.</param>
/// <param name="Knn">kNN accuracy of the quick measurement, percent; null where it was not made.</param>
internal readonly record struct CurvePoint(long Step, double Epoch, double Seconds, double? Loss, double? ContrastAccuracy, double? LearningRate, double? Knn);
