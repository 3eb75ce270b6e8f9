namespace MoCo.Evaluation.Linear;

/// <summary>What features are worth to a linear classifier.</summary>
/// <param name="Test">Accuracy on the test images.</param>
/// <param name="Loss">Mean training loss over the last epoch.</param>
/// <param name="LearningRate">The rate of the classifier that was tested.</param>
/// <param name="LearningRates">Every rate's accuracy on the held-out images and its mean training loss over the last epoch, not finite
/// where training diverged; empty where there was only one rate.</param>
/// <param name="Confusion">The test images by true and found class.</param>
/// <param name="Weight">The tested classifier's weights, C×D row by row: a network's <c>fc.weight</c>.</param>
/// <param name="Bias">Its biases, C: a network's <c>fc.bias</c>.</param>
public sealed record ProbeResult(
    Accuracy Test,
    double Loss,
    double LearningRate,
    IReadOnlyList<(double LearningRate, Accuracy HeldOut, double Loss)> LearningRates,
    ConfusionMatrix Confusion,
    ReadOnlyMemory<float> Weight,
    ReadOnlyMemory<float> Bias);
