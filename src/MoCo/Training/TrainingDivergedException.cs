namespace MoCo.Training;

/// <summary>Training stopped because its loss is not finite. The last checkpoint stands.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(long step, double loss, double? learningRate)
        : base(Invariant($"The loss is {loss} at or just before step {step}")
            + (learningRate is double rate ? Invariant($", learning rate {rate:G4}. ") : ". ")
            + "Most likely the learning rate is too high for the batch size, or an image gave values that are not finite. "
            + "The last checkpoint stands; resume from it with a lower learning rate or with warm-up.")
        => Step = step;

    /// <summary>The step that found it.</summary>
    public long Step { get; }
}
