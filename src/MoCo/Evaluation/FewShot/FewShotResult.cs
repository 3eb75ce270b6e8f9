using MoCo.Evaluation.Linear;

namespace MoCo.Evaluation.FewShot;

/// <summary>What an encoder is worth as a start for learning from few labels.</summary>
/// <param name="Test">Accuracy on the test images.</param>
/// <param name="Loss">Mean training loss over the last epoch.</param>
/// <param name="Confusion">The test images by true and found class.</param>
/// <param name="Head">The head that was trained on top of the encoder's copy.</param>
public sealed record FewShotResult(Accuracy Test, double Loss, ConfusionMatrix Confusion, LinearClassifier Head);
