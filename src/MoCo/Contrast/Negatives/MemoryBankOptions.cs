using System.Text.Json.Serialization;

namespace MoCo.Contrast.Negatives;

/// <summary>The memory bank of <see cref="MethodKind.MemoryBank"/>; the defaults are those of Wu et al. 2018.</summary>
public sealed record MemoryBankOptions
{
    /// <summary>Training samples, each of which has a row, at least 2. Default: 0, to be set to the size of the data.</summary>
    public int Samples { get; init; }

    /// <summary>m, the rows drawn as negatives in a step, at least 1. Default: 4096.</summary>
    public int Negatives { get; init; } = 4096;

    /// <summary>What a row keeps of itself when its sample is seen, 0 to below 1. Default: 0.5.</summary>
    public double Momentum { get; init; } = 0.5;

    /// <summary>The loss over the drawn rows. Default: <see cref="MemoryBankLoss.InfoNce"/>, as MoCo compares it.</summary>
    public MemoryBankLoss Loss { get; init; }

    internal void Check(OptionErrors errors) => errors
        .Check(Samples >= 2, Samples, "2 or more, the number of training samples, each of which has a row")
        .Check(Negatives >= 1, Negatives, "1 or more (4096 in the paper)")
        .Check(Momentum is >= 0 and < 1, Momentum, "0 to below 1 (0.5 in the paper)")
        .CheckDefined(Loss);
}

/// <summary>The loss over a memory bank's rows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MemoryBankLoss>))]
public enum MemoryBankLoss
{
    /// <summary>Cross-entropy among the positive and the drawn rows: MoCo's Equation 1.</summary>
    InfoNce,

    /// <summary>Noise-contrastive estimation as in Wu et al. 2018, its Z fixed on the first batch.</summary>
    Nce,
}
