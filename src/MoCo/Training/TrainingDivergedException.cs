namespace MoCo.Training;

/// <summary>Training stopped because its loss is not finite. A checkpoint that was saved before stands.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(long step, double loss, double? learningRate, string? checkpoint)
        : base(Invariant($"The loss is {loss} at or just before step {step}")
            + (learningRate is double rate ? Invariant($", learning rate {rate:G4}. ") : ". ")
            + "Most likely the learning rate is too high for the batch size, or an image gave values that are not finite. "
            + (checkpoint is null ? "Nothing was saved before; begin anew" : $"The checkpoint {checkpoint} stands; go on from it")
            + " with a lower learning rate or with warm-up.")
        => Step = step;

    /// <summary>The step that found it.</summary>
    public long Step { get; }
}
