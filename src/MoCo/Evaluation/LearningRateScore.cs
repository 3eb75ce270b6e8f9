namespace MoCo.Evaluation;

/// <summary>How a linear probe did at one learning rate.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="HeldOut">Accuracy on the held-out images.</param>
/// <param name="Loss">Mean loss over the last epoch; not a number where training diverged.</param>
public readonly record struct LearningRateScore(double LearningRate, Accuracy HeldOut, double Loss);
