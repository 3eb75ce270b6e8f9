using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Reporting;

/// <summary>One part of one job on all sides: the medians of its rounds.</summary>
/// <param name="Job">The job measured.</param>
/// <param name="Part">Its part.</param>
/// <param name="Rounds">Each side's medians, one a round.</param>
internal sealed record Row(Job Job, string Part, IReadOnlyDictionary<Side, double[]> Rounds)
{
    /// <summary>As in the JSON: <c>step_resnet18</c>, <c>info_nce</c>.</summary>
    public string Key => Part switch
    {
        Measuring.Part.Step => "step_" + Job.Name,
        Measuring.Part.ForwardBackward => "bare_" + Job.Name,
        _ => Part,
    };

    public double? Of(Side side) => Rounds.TryGetValue(side, out double[]? rounds) ? Statistics.Median(rounds) : null;

    /// <summary>PyTorch's time in whichever of its two settings is faster.</summary>
    public double? Theirs => Of(Side.PyTorch) is double plain && Of(Side.PyTorchPassive) is double passive
        ? Math.Min(plain, passive) : null;

    /// <summary>Theirs / ours: above 1 we are faster.</summary>
    public double? Ratio => Theirs / Of(Side.Ours);

    /// <summary>Plain TorchSharp's time / ours.</summary>
    public double? TorchSharpRatio => Of(Side.TorchSharp) / Of(Side.Ours);
}
