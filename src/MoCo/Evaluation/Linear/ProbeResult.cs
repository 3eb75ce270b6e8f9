namespace MoCo.Evaluation.Linear;

/// <summary>How far training on labels has come, reported once an epoch.</summary>
/// <param name="Choosing">Whether learning rates are still compared; false: a chosen one is trained.</param>
/// <param name="Epoch">Epochs done of this part.</param>
/// <param name="Epochs">Epochs of this part in all.</param>
/// <param name="Loss">The mean loss over the epoch, of several rates the lowest.</param>
public readonly record struct ProbeProgress(bool Choosing, int Epoch, int Epochs, double Loss);

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
