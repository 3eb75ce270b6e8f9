namespace MoCo.Evaluation;

/// <summary>How far a linear probe has come, reported once an epoch.</summary>
/// <param name="Choosing">Whether learning rates are still compared; false: the chosen one is trained.</param>
/// <param name="Epoch">Epochs done of this part.</param>
/// <param name="Epochs">Epochs of this part in all.</param>
/// <param name="Loss">The lowest mean loss of the rates over the epoch.</param>
public readonly record struct LinearProbeProgress(bool Choosing, int Epoch, int Epochs, double Loss);
