namespace MoCo.Interop;

/// <summary>What the official code's checkpoint says of a run beside its tensors. The defaults are those of <c>main_moco.py</c>.</summary>
public sealed record OfficialRun
{
    /// <summary>Epochs done. Default: 0.</summary>
    public int Epoch { get; init; }

    /// <summary>torchvision's name of the architecture; null finds it from the backbone. Default: null.</summary>
    public string? Architecture { get; init; }

    /// <summary>The optimizer's learning rate at that time. Default: 0.03.</summary>
    public double LearningRate { get; init; } = 0.03;

    /// <summary>SGD's momentum. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay. Default: 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;
}
