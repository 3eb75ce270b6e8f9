namespace MoCo.Evaluation.FineTuning;

/// <summary>What fine-tuning has made of a network.</summary>
/// <param name="Epochs">The epochs that were done, from 1: the mean training loss, and the accuracy on the test images at the end, null
/// where it was not measured.</param>
/// <param name="Confusion">The test images by true and found class, at the last epoch that was measured; null where none was.</param>
/// <param name="Canceled">Whether it was ended before its last epoch. The network is what it was then.</param>
public sealed record FineTuneResult(
    IReadOnlyList<(int Epoch, double Loss, Accuracy? Test)> Epochs, ConfusionMatrix? Confusion, bool Canceled)
{
    /// <summary>The last epoch that was measured, from 1, and what the network is worth; null where none was.</summary>
    public (int Epoch, Accuracy Test)? Last => Measured.Cast<(int, Accuracy)?>().LastOrDefault();

    /// <summary>The most accurate epoch, from 1, the first of equals; null where none was measured. The test images choose it: it
    /// flatters.</summary>
    public (int Epoch, Accuracy Test)? Best => Measured.Cast<(int Epoch, Accuracy Test)?>().MaxBy(epoch => epoch!.Value.Test.Correct);

    private IEnumerable<(int Epoch, Accuracy Test)> Measured =>
        Epochs.Where(epoch => epoch.Test is not null).Select(epoch => (epoch.Epoch, epoch.Test!.Value));
}
