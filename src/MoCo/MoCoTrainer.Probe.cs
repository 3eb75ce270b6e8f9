using MoCo.Evaluation.Linear;
using MoCo.Training.Checkpoints;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>The linear classifier that learns beside the run (<see cref="MoCoOptions.Probe"/>); null: none. The steps'
    /// <see cref="Training.MeasuredStep.ProbeAccuracy"/> is its.</summary>
    public OnlineProbe? Probe { get; private set; }

    private OnlineProbe? MakeProbe() => Options.Probe is { } asked
        ? new OnlineProbe(asked, asked.FeatureDimension ?? QueryEncoder.FeatureDimension ?? throw new ArgumentException(
            "Probe.FeatureDimension is null; expected the length of the backbone's features, which an encoder that was put together of "
            + "modules does not tell."), Device)
        : null;

    private IEnumerable<(string Name, Tensor Tensor)> ProbeTensors()
        => Probe?.State.Select(entry => (Checkpoint.Probe + entry.Name, entry.Tensor)) ?? [];

    /// <summary>Begins the probe anew: a checkpoint of a run without one was loaded.</summary>
    private void BeginProbe()
    {
        Probe?.Dispose();
        Probe = MakeProbe();
    }
}
