namespace MoCo.Training.Checkpoints;

/// <summary>When <see cref="MoCoTrainer.Fit"/> saves into a <see cref="CheckpointFolder"/>, and what the folder keeps.</summary>
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
    public void Validate()
    {
        List<string> errors = [];
        Check(nameof(EveryEpochs), EveryEpochs, 1);
        Check(nameof(EverySteps), EverySteps, 1);
        Check(nameof(KeepEveryEpochs), KeepEveryEpochs, 0);
        Check(nameof(KeepAtMost), KeepAtMost, 1);
        if (errors.Count > 0) throw new ArgumentException($"{nameof(CheckpointPolicy)}: {string.Join(" ", errors)}");

        void Check(string property, int? value, int least)
        {
            if (value < least) errors.Add($"{property} is {value}; expected {least} or more.");
        }
    }
}
