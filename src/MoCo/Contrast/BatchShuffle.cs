using System.Diagnostics.CodeAnalysis;
using MoCo.Distributed;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>The shuffling-BN helper (He et al. 2019, §3.3): key batches are shuffled over all ranks before the key encoder and the
/// embeddings put back in order after it, so that BatchNorm sees other groups of samples for keys than for queries. The permutation is a
/// pure function of (seed, step), the same on every rank.</summary>
public sealed class BatchShuffle
{
    private readonly Func<long, long, long[]> permutation;

    /// <summary>Makes a helper.</summary>
    /// <param name="seed">Seed of the permutations.</param>
    public BatchShuffle(long seed = 0)
        : this((step, count) => Permutation(seed, step, count))
    {
    }

    // From step and number of samples over all ranks to a permutation.
    internal BatchShuffle(Func<long, long, long[]> permutation) => this.permutation = permutation;

    /// <summary>Shuffles a batch over all ranks: each row is sent to the rank that the permutation gives it, and to no other.</summary>
    /// <param name="batch">N×…, the same N on every rank.</param>
    /// <param name="step">Number of the training step.</param>
    /// <param name="group">The processes that share the batch; null: this one alone.</param>
    /// <returns>This rank's N samples of the shuffled whole, and the permutation of all ranks' samples, which <see cref="Unshuffle"/>
    /// needs.</returns>
    public (Tensor Batch, ReadOnlyMemory<long> Order) Shuffle(Tensor batch, long step, ProcessGroup? group = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.dim() < 1 || batch.shape[0] < 1)
            throw new ArgumentException(
                $"batch is {string.Join("×", batch.shape)}; expected at least one sample along the first dimension.", nameof(batch));
        group ??= ProcessGroup.Single;
        long[] order = permutation(step, batch.shape[0] * group.Size);
        if (group.Size == 1) return (ChannelsLast.SelectSamples(batch.detach(), order), order);
        using DisposeScope scope = NewDisposeScope();
        ShuffleRoute route = new(order, group.Rank, group.Size);
        Tensor received = group.Exchange(ChannelsLast.SelectSamples(batch.detach(), route.Sent), route.Counts);
        return (ChannelsLast.SelectSamples(received, route.Places).MoveToOuterDisposeScope(), order);
    }

    /// <summary>Puts the embeddings of a shuffled batch back in the order of the samples.</summary>
    /// <param name="embeddings">N×…, one row for each sample that <see cref="Shuffle"/> gave.</param>
    /// <param name="order">What <see cref="Shuffle"/> returned beside them.</param>
    /// <param name="group">The same as for <see cref="Shuffle"/>.</param>
    /// <returns>N×…, row n belonging to this rank's sample n.</returns>
    [SuppressMessage("Performance", "CA1822", Justification = "The counterpart of Shuffle.")]
    public Tensor Unshuffle(Tensor embeddings, ReadOnlyMemory<long> order, ProcessGroup? group = null)
    {
        group ??= ProcessGroup.Single;
        using Tensor all = UnshuffleAll(embeddings, order, group);
        return group.OwnRows(all);
    }

    /// <summary>Puts the embeddings of all ranks back in the order of the samples.</summary>
    /// <returns>(ranks·N)×…, row n belonging to sample n of the whole batch.</returns>
    internal static Tensor UnshuffleAll(Tensor embeddings, ReadOnlyMemory<long> order, ProcessGroup group)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.dim() < 1 || embeddings.shape[0] * group.Size != order.Length)
            throw new ArgumentException(
                $"embeddings are {string.Join("×", embeddings.shape)}; expected {order.Length / group.Size} rows as the batch that "
                + "was shuffled.", nameof(embeddings));
        using DisposeScope scope = NewDisposeScope();
        Tensor all = group.Size == 1 ? embeddings.detach() : group.AllGather(embeddings);
        return ChannelsLast.SelectSamples(all, Inverse(order.Span)).MoveToOuterDisposeScope();
    }

    private static long[] Inverse(ReadOnlySpan<long> order)
    {
        long[] places = new long[order.Length];
        for (int place = 0; place < order.Length; place++) places[order[place]] = place;
        return places;
    }

    private static long[] Permutation(long seed, long step, long count)
    {
        using Generator generator = new(SeedMix.Of(seed, step), CPU);
        using Tensor drawn = randperm(count, dtype: ScalarType.Int64, device: CPU, generator: generator);
        return drawn.data<long>().ToArray();
    }
}
