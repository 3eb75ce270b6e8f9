using MoCo.Distributed;
using MoCo.Tensors;

namespace MoCo.Contrast.Negatives;

/// <summary>MoCHi (Kalantidis et al. 2020, "Hard Negative Mixing for Contrastive Learning", §4): for each query, further negatives mixed
/// from its hardest ones. They are normalised, take no gradient and never enter the queue.</summary>
/// <remarks>Of the N keys with the highest logits, s points are α·nᵢ + (1−α)·nⱼ with α uniform in (0, 1), and s′ points are β·q + (1−β)·nⱼ
/// with β uniform in (0, ½), i and j uniform among the N.</remarks>
internal sealed class HardNegativeMixing(MixingOptions options, long seed)
{
    /// <summary>Whether mixing has begun.</summary>
    public bool IsOn(int epoch) => epoch >= options.FromEpoch;

    /// <param name="q">Queries, N×dim.</param>
    /// <param name="keys">The queue's keys, K×dim.</param>
    /// <param name="sameAs">As <see cref="Losses.InfoNce"/> takes it: keys that are no negatives are not mixed.</param>
    /// <param name="step">Number of the step: the same one draws the same points.</param>
    /// <param name="group">The processes that share the batch: points are drawn for all of it; null: this one alone.</param>
    /// <returns>N×(s+s′) points in the caller's dispose scope.</returns>
    public MixedNegatives Mix(Tensor q, Tensor keys, (Tensor Queries, Tensor Keys)? sameAs, long step, ProcessGroup? group = null)
    {
        group ??= ProcessGroup.Single;
        using IDisposable constant = no_grad();
        using Generator generator = new(SeedMix.Of(seed, step), CPU);
        q = q.detach();
        long batch = q.shape[0];
        int hardest = (int)Math.Min(options.Hardest, keys.shape[0]);
        Tensor similarities = q.matmul(keys.t()); // N×K
        Tensor? same = sameAs is { } numbers ? numbers.Queries.unsqueeze(1).eq(numbers.Keys) : null;
        Tensor negatives = same is null ? similarities : similarities.masked_fill(same, NegativeInfinity);
        // Sorted where some are no negatives: these come last, and are not drawn.
        (Tensor highest, Tensor nearest) = negatives.topk(hardest, 1, sorted: same is not null); // N×hardest
        using Scalar all = ((double)hardest).ToScalar();
        Tensor choices = same is null ? full(batch, 1, all, dtype: ScalarType.Float64, device: q.device)
            : highest.isneginf().logical_not_().sum(1, keepdim: true).to(ScalarType.Float64); // N×1

        Tensor pairShare = Uniform(options.Pairs, 1), first = Picked(options.Pairs), second = Picked(options.Pairs);
        Tensor share = cat([pairShare, Uniform(options.WithQuery, 0.5)], 1);
        MixedNegatives mixed = new(q, keys, similarities, first, cat([second, Picked(options.WithQuery)], 1), share);
        // A query without any negative has none to mix.
        if (same is not null) mixed.Similarities.masked_fill_(choices.eq(zeros_like(choices)), NegativeInfinity);
        GC.KeepAlive(generator);
        return mixed;

        Tensor Drawn(int columns, ScalarType type)
            => group.OwnRows(rand(batch * group.Size, columns, dtype: type, generator: generator)).contiguous();

        Tensor Uniform(int columns, double below)
        {
            using Scalar width = below.ToScalar();
            return Drawn(columns, q.dtype).mul_(width).SendTo(q.device);
        }

        Tensor Picked(int count)
        {
            Tensor drawn = Drawn(count, ScalarType.Float64).SendTo(q.device);
            return nearest.gather(1, drawn.mul_(choices).floor_().to(ScalarType.Int64)); // N×count
        }
    }
}
