namespace MoCo.Contrast;

/// <summary>The numbers of <see cref="MomentumContrast"/>; the defaults are MoCo v1's.</summary>
public sealed record MomentumContrastOptions
{
    /// <summary>m of the momentum update, 0–1. Default: 0.999.</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>τ of InfoNCE, above 0. Default: 0.07.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Whether both views serve as query. Default: off.</summary>
    public SymmetricLoss Symmetric { get; init; } = SymmetricLoss.Off;

    /// <summary>How many logits may exist at a time; null for the device's default. Default: null.</summary>
    public long? BlockLogits { get; init; }
}
