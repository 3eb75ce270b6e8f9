using System.Text.Json.Serialization;
using MoCo.Contrast.Negatives;

namespace MoCo.Contrast.Losses;

/// <summary>The numbers of the contrastive loss; the defaults are MoCo v1's.</summary>
public sealed record LossOptions
{
    /// <summary>τ of InfoNCE, above 0: 0.07 in v1, 0.2 in v2. Default: 0.07.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Whether both views serve as query. Default: off.</summary>
    public SymmetricLoss Symmetric { get; init; } = SymmetricLoss.Off;

    /// <summary>How many logits may exist at a time, at least 1024; null for the device's default. Default: null.</summary>
    public long? BlockLogits { get; init; }

    /// <summary>Hard negative mixing beside the queue's keys (MoCHi); null: none. Default: null.</summary>
    public MixingOptions? Mixing { get; init; }

    internal void Check(OptionErrors errors)
    {
        if (Mixing is not null) errors.CheckPart(Mixing, mixing => mixing.Check);
        errors.Check(Temperature > 0 && double.IsFinite(Temperature), Temperature, "above 0 (0.07 in v1, 0.2 in v2)")
        .CheckDefined(Symmetric)
        .Check(BlockLogits is null or >= 1024, BlockLogits, "1024 or more, or null");
    }
}

/// <summary>Whether both views serve as query in turn.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SymmetricLoss>))]
public enum SymmetricLoss
{
    /// <summary>The first view is the query, the second the key: the paper.</summary>
    Off,

    /// <summary>The two losses are added, as in the authors' CIFAR-10 notebook.</summary>
    Sum,

    /// <summary>The two losses are averaged: half the gradient of <see cref="Sum"/>.</summary>
    Mean,
}
