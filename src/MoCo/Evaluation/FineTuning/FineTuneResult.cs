namespace MoCo.Evaluation.FineTuning;

/// <summary>An epoch of fine-tuning.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="Test">Accuracy on the test images at its end; null where it was not measured.</param>
public readonly record struct FineTuneEpoch(int Number, double Loss, Accuracy? Test);

/// <summary>How far fine-tuning has come, reported after each step and once more at the end of each epoch.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Batch">Batches done in it.</param>
/// <param name="Batches">Batches in an epoch; null where that is not known.</param>
/// <param name="Loss">The epoch's mean loss so far.</param>
/// <param name="Done">The epoch, where it is done; else null.</param>
public readonly record struct FineTuneProgress(int Epoch, int Epochs, int Batch, int? Batches, double Loss, FineTuneEpoch? Done);

/// <summary>What fine-tuning has made of a network.</summary>
/// <param name="Epochs">The epochs that were done, in order.</param>
/// <param name="Confusion">The test images by true and found class, at the last epoch that was measured; null where none was.</param>
/// <param name="Canceled">Whether it was ended before its last epoch. The network is what it was then.</param>
public sealed record FineTuneResult(IReadOnlyList<FineTuneEpoch> Epochs, ConfusionMatrix? Confusion, bool Canceled)
{
    /// <summary>The last epoch that was measured, which is what the network is worth; null where none was.</summary>
    public FineTuneEpoch? Last => Measured.Cast<FineTuneEpoch?>().LastOrDefault();

    /// <summary>The most accurate epoch, the first of equals; null where none was measured. The test images choose it: it
    /// flatters.</summary>
    public FineTuneEpoch? Best => Measured.Cast<FineTuneEpoch?>().MaxBy(epoch => epoch!.Value.Test!.Value.Correct);

    private IEnumerable<FineTuneEpoch> Measured => Epochs.Where(epoch => epoch.Test is not null);
}
