namespace MoCo.Contrast.Negatives;

/// <summary>Hard negative mixing, MoCHi (Kalantidis et al. 2020): how many of a query's negatives are mixed to how many further ones.
/// Written (N, s, s′) in the paper, which takes the defaults, (1024, 512, 256) from epoch 15, for ImageNet-1k, and (1024, 1024, 128) from
/// epoch 10 with K 16,384 and m 0.99 for ImageNet-100.</summary>
public sealed record MixingOptions
{
    /// <summary>N, the hardest negatives of a query that are mixed, at least 2. Default: 1024.</summary>
    public int Hardest { get; init; } = 1024;

    /// <summary>s, mixes of two of them, 0 or more. Default: 512.</summary>
    public int Pairs { get; init; } = 512;

    /// <summary>s′, mixes of one of them with the query, 0 or more. Default: 256.</summary>
    public int WithQuery { get; init; } = 256;

    /// <summary>The epoch, from 0, in which mixing begins, 0 or more. Default: 15.</summary>
    public int FromEpoch { get; init; } = 15;

    internal void Check(OptionErrors errors) => errors
        .Check(Hardest >= 2, Hardest, "2 or more (1024 in the paper)")
        .Check(Pairs >= 0, Pairs, "0 or more")
        .Check(WithQuery >= 0, WithQuery, "0 or more")
        .Check(Pairs + WithQuery > 0, Pairs, "1 or more of Pairs and WithQuery together; null for no mixing")
        .Check(FromEpoch >= 0, FromEpoch, "0 or more");
}
