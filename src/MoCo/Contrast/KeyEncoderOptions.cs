using System.Text.Json.Serialization;

namespace MoCo.Contrast;

/// <summary>How the key encoder follows the query encoder; the defaults are the paper's.</summary>
public sealed record KeyEncoderOptions
{
    /// <summary>m of the momentum update, 0–1. Default: 0.999.</summary>
    public double Momentum { get; init; } = 0.999;

    /// <summary>m at the end of the run, which it approaches along half a cosine, 0–1; null: MoCo's m stays, MoCo v3's rises to 1 (Chen,
    /// Xie and He 2021). Default: null.</summary>
    public double? FinalMomentum { get; init; }

    /// <summary>Shuffle the key batch before the key encoder (ShuffleBN); only <see cref="MethodKind.MoCo"/> looks at it. Default:
    /// true.</summary>
    public bool ShuffleBatch { get; init; } = true;

    /// <summary>What it has in common with the query encoder. Default: nothing but the momentum.</summary>
    public KeyEncoderSharing Sharing { get; init; }

    /// <summary>The first stages that are the query encoder's own, 1–4 (the stem counts with the first), where <see cref="Sharing"/> is
    /// <see cref="KeyEncoderSharing.Partial"/>; else 0. Default: 0.</summary>
    public int SharedStages { get; init; }

    internal void Check(OptionErrors errors) => errors
        .Check(Momentum is >= 0 and <= 1, Momentum, "0 to 1 (0.999 in the paper)")
        .Check(FinalMomentum is null or (>= 0 and <= 1), FinalMomentum, "0 to 1, or null")
        .CheckDefined(Sharing)
        .Check(Sharing == KeyEncoderSharing.Partial ? SharedStages is >= 1 and <= 4 : SharedStages == 0, SharedStages,
            Sharing == KeyEncoderSharing.Partial ? "1 to 4 with Sharing Partial" : $"0 with Sharing {Sharing}");
}

/// <summary>What the two encoders have in common.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyEncoderSharing>))]
public enum KeyEncoderSharing
{
    /// <summary>Two networks: the paper.</summary>
    Separate,

    /// <summary>One network makes queries and keys. In MoCo the keys take no gradient, which is what m = 0 does at each step; end-to-end
    /// they do, which is <see cref="MethodKind.SimClr"/>.</summary>
    Shared,

    /// <summary>The first stages are shared, the rest is apart.</summary>
    Partial,
}
