namespace MoCo.Evaluation;

/// <summary>What features are worth to a linear classifier.</summary>
/// <param name="Test">Accuracy on the test images.</param>
/// <param name="LearningRate">The rate of the classifier that was tested.</param>
/// <param name="LearningRates">Every rate's accuracy on the held-out images; empty where there was only one rate.</param>
/// <param name="Confusion">The test images by true and found class.</param>
/// <param name="Classifier">The classifier that was tested.</param>
public sealed record LinearProbeResult(
    Accuracy Test,
    double LearningRate,
    IReadOnlyList<LearningRateScore> LearningRates,
    ConfusionMatrix Confusion,
    LinearClassifier Classifier);
