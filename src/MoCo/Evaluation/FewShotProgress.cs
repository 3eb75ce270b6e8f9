namespace MoCo.Evaluation;

/// <summary>How far fine-tuning has come, reported once an epoch.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">Mean loss over the epoch.</param>
public readonly record struct FewShotProgress(int Epoch, int Epochs, double Loss);
