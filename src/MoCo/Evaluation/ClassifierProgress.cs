namespace MoCo.Evaluation;

/// <summary>How far training on labels has come. A linear probe reports at the end of each epoch, fine-tuning after
/// each step, too.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Epochs">Epochs in all; of a probe's two parts, of this one.</param>
/// <param name="Batch">Batches done in it.</param>
/// <param name="Batches">Batches in an epoch; null where that is not known.</param>
/// <param name="Loss">The epoch's mean loss so far; where learning rates are compared, the lowest one's.</param>
/// <param name="IsEpochDone">Whether the epoch is at its end.</param>
public readonly record struct ClassifierProgress(int Epoch, int Epochs, int Batch, int? Batches, double Loss, bool IsEpochDone)
{
    /// <summary>Whether a probe's learning rates are still compared; false: a chosen one is trained.</summary>
    public bool Choosing { get; init; }

    /// <summary>Accuracy on the test images at the end of an epoch of fine-tuning; null where it was not measured.</summary>
    public Accuracy? Test { get; init; }
}
