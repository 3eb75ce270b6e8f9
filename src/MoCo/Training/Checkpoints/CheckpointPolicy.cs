namespace MoCo.Training.Checkpoints;

/// <summary>When a run is saved into a <see cref="CheckpointFolder"/>, and what the folder keeps.</summary>
public sealed record CheckpointPolicy
{
    /// <summary>Save after this many epochs, at least 1. Default: 1. The end of training and a cancel are always saved.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>Save also after this many steps, for epochs of hours; null: only between epochs. Default: null.</summary>
    public int? EverySteps { get; init; }

    /// <summary>Keep a checkpoint of every n-th epoch beside the rolling last one; 0: only the last. Default: 0.</summary>
    public int KeepEveryEpochs { get; init; }

    /// <summary>Kept checkpoints at most, the oldest go first; null: all. Default: null.</summary>
    public int? KeepAtMost { get; init; }

    /// <summary>Train on where a checkpoint could not be written (a full disk): the old one stands, and the error is logged. False:
    /// training stops with the error. Default: false.</summary>
    public bool GoOnAfterError { get; init; }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(CheckpointPolicy))
        .Check(EveryEpochs >= 1, EveryEpochs, "1 or more")
        .Check(EverySteps is null or >= 1, EverySteps, "1 or more")
        .Check(KeepEveryEpochs >= 0, KeepEveryEpochs, "0 or more")
        .Check(KeepAtMost is null or >= 1, KeepAtMost, "1 or more")
        .ThrowIfAny();
}
