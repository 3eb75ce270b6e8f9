namespace MoCo.Contrast;

/// <summary>How the key encoder follows the query encoder; the defaults are the paper's.</summary>
public sealed record KeyEncoderOptions
{
    /// <summary>m of the momentum update, 0–1. Default: 0.999.</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>Shuffle the key batch before the key encoder (ShuffleBN). Default: true.</summary>
    public bool ShuffleBatch { get; init; } = true;

    internal void Check(OptionErrors errors) => errors
        .Check(Momentum is >= 0 and <= 1, Momentum, "0 to 1 (0.999 in the paper)");
}
