using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Training.Checkpoints;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>The linear classifier that learns beside the run; null: none.</summary>
    internal OnlineProbe? Probe { get; private set; }

    /// <summary>How often the linear classifier that learns beside the run (<see cref="MoCoOptions.Probe"/>), as it is now, finds the
    /// labels of features that it did not learn from. The steps' <see cref="Training.MeasuredStep.ProbeAccuracy"/> is of those that it
    /// learns from next.</summary>
    /// <param name="features">Those of the query encoder's backbone (<see cref="FeatureSet"/>), labelled; rows without a label are left
    /// out.</param>
    /// <returns>Null where the run has no such classifier.</returns>
    /// <exception cref="ArgumentException">They have no labels, other ones than the probe's classes, or another dimension.</exception>
    public Accuracy? TestProbe(FeatureSet features) => Probe?.Test(features);

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
