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
    /// <returns>N×(s+s′)×dim, without gradient.</returns>
    public Tensor Mix(Tensor q, Tensor keys, (Tensor Queries, Tensor Keys)? sameAs, long step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using Generator generator = new(SeedMix.Of(seed, step), CPU);
        q = q.detach();
        long batch = q.shape[0];
        int hardest = (int)Math.Min(options.Hardest, keys.shape[0]);
        Tensor logits = q.matmul(keys.t()); // N×K
        if (sameAs is { } numbers) logits.masked_fill_(numbers.Queries.unsqueeze(1).eq(numbers.Keys), NegativeInfinity);
        (_, Tensor nearest) = logits.topk(hardest, 1, sorted: false); // N×hardest
        List<Tensor> mixed = [];
        if (options.Pairs > 0)
        {
            Tensor share = Uniform(batch, options.Pairs, 1);
            mixed.Add(Between(Picked(options.Pairs), Picked(options.Pairs), share));
        }
        if (options.WithQuery > 0)
        {
            Tensor share = Uniform(batch, options.WithQuery, 0.5);
            mixed.Add(Between(q.unsqueeze(1), Picked(options.WithQuery), share));
        }
        GC.KeepAlive(generator);
        return nn.functional.normalize(cat(mixed, 1), dim: 2).MoveToOuterDisposeScope();

        Tensor Uniform(long rows, int columns, double below)
        {
            using Scalar width = below.ToScalar();
            return rand(rows, columns, dtype: q.dtype, generator: generator).mul_(width).to(q.device).unsqueeze(2);
        }

        Tensor Picked(int count)
        {
            using Scalar choices = ((double)hardest).ToScalar();
            Tensor places = rand(batch, count, dtype: ScalarType.Float64, generator: generator).mul_(choices).floor_().to(ScalarType.Int64);
            Tensor entries = nearest.gather(1, places.to(q.device)); // N×count
            return keys.index_select(0, entries.flatten()).view(batch, count, keys.shape[1]);
        }

        // share·a + (1 − share)·b
        static Tensor Between(Tensor a, Tensor b, Tensor share) => b.add((a - b) * share, One);
    }
}
