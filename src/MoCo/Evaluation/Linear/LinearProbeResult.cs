namespace MoCo.Evaluation.Linear;

/// <summary>How far training on labels has come, reported once an epoch.</summary>
/// <param name="Choosing">Whether learning rates are still compared; false: a chosen one is trained.</param>
/// <param name="Epoch">Epochs done of this part.</param>
/// <param name="Epochs">Epochs of this part in all.</param>
/// <param name="Loss">The mean loss over the epoch, of several rates the lowest.</param>
public readonly record struct ProbeProgress(bool Choosing, int Epoch, int Epochs, double Loss);

/// <summary>How a linear probe did at one learning rate.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="HeldOut">Accuracy on the held-out images.</param>
/// <param name="Loss">Mean loss over the last epoch; not a number where training diverged.</param>
public readonly record struct LearningRateScore(double LearningRate, Accuracy HeldOut, double Loss);

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
