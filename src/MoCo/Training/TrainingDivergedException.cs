namespace MoCo.Training;

/// <summary>Training stopped because its loss, or its gradients, are not finite. A checkpoint that was saved before stands.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(long step, double loss, double? norm, double? learningRate, string? checkpoint)
        : base(Told(step, loss, norm, learningRate)
            + " Most likely the learning rate is too high for the batch size, or an image gave values that are not finite. "
            + (checkpoint is null ? "Nothing was saved before; begin anew" : $"The checkpoint {checkpoint} stands; go on from it")
            + " with a lower learning rate or with warm-up.")
        => (Step, Loss, Norm, What) = (step, loss, norm, Told(step, loss, norm, learningRate));

    /// <summary>The step that found it.</summary>
    public long Step { get; }

    internal double Loss { get; }

    /// <summary>The norm of the gradients; null where the loss is not finite.</summary>
    internal double? Norm { get; }

    internal bool IsOfGradients => Norm is not null;

    /// <summary>The message's first sentence.</summary>
    internal string What { get; }

    private static string Told(long step, double loss, double? norm, double? rate)
        => Invariant($"The {(norm is null ? "loss" : "norm of the gradients")} is {norm ?? loss} at or just before step {step}")
            + (rate is double known ? Invariant($", learning rate {known:G4}.") : ".");
}
