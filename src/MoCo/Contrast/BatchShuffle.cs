using MoCo.Distributed;
using MoCo.Encoders;

namespace MoCo.Contrast;

/// <summary>The shuffling-BN helper (He et al. 2019, §3.3): key batches are shuffled over all ranks before the key encoder and the
/// embeddings put back in order after it, so that BatchNorm sees other groups of samples for keys than for queries. The permutation is a
/// pure function of (seed, step), the same on every rank.</summary>
public sealed class BatchShuffle
{
    private readonly IProcessGroup group;
    private readonly Func<long, long, long[]> permutation;

    /// <summary>Makes a helper.</summary>
    /// <param name="seed">Seed of the permutations.</param>
    public BatchShuffle(long seed = 0)
        : this(seed, SingleProcess.Instance)
    {
    }

    internal BatchShuffle(long seed, IProcessGroup group)
        : this((step, count) => Permutation(seed, step, count), group)
    {
    }

    // From step and number of samples over all ranks to a permutation.
    internal BatchShuffle(Func<long, long, long[]> permutation, IProcessGroup? group = null)
        => (this.permutation, this.group) = (permutation, group ?? SingleProcess.Instance);

    /// <summary>Shuffles a batch over all ranks.</summary>
    /// <param name="batch">N×…, the same N on every rank.</param>
    /// <param name="step">Number of the training step.</param>
    /// <returns>This rank's N samples of the shuffled whole, and the permutation of all ranks' samples, which <see cref="Unshuffle"/>
    /// needs.</returns>
    public (Tensor Batch, ReadOnlyMemory<long> Order) Shuffle(Tensor batch, long step)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.dim() < 1 || batch.shape[0] < 1)
            throw new ArgumentException(
                $"batch is {string.Join("×", batch.shape)}; expected at least one sample along the first dimension.", nameof(batch));
        using DisposeScope scope = NewDisposeScope();
        long count = batch.shape[0];
        long[] order = permutation(step, count * group.Size);
        Tensor all = group.AllGather(batch);
        Tensor mine = ChannelsLast.SelectSamples(all, order.AsSpan((int)(group.Rank * count), (int)count).ToArray());
        return (mine.MoveToOuterDisposeScope(), order);
    }

    /// <summary>Puts the embeddings of a shuffled batch back in the order of the samples.</summary>
    /// <param name="embeddings">N×…, one row for each sample that <see cref="Shuffle"/> gave.</param>
    /// <param name="order">What <see cref="Shuffle"/> returned beside them.</param>
    /// <returns>N×…, row n belonging to this rank's sample n.</returns>
    public Tensor Unshuffle(Tensor embeddings, ReadOnlyMemory<long> order)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.dim() < 1 || embeddings.shape[0] * group.Size != order.Length)
            throw new ArgumentException(
                $"embeddings are {string.Join("×", embeddings.shape)}; expected {order.Length / group.Size} rows as the batch that "
                + "was shuffled.", nameof(embeddings));
        using DisposeScope scope = NewDisposeScope();
        Tensor all = group.AllGather(embeddings);
        return ChannelsLast.SelectSamples(all, PlacesOf(order.Span, group.Rank, embeddings.shape[0])).MoveToOuterDisposeScope();
    }

    /// <summary>Where in the shuffled whole a rank's own samples are.</summary>
    private static long[] PlacesOf(ReadOnlySpan<long> order, int rank, long count)
    {
        long[] mine = new long[count];
        for (int place = 0; place < order.Length; place++)
        {
            long sample = order[place] - rank * count;
            if (sample >= 0 && sample < count) mine[sample] = place;
        }
        return mine;
    }

    private static long[] Permutation(long seed, long step, long count)
    {
        using Generator generator = new(SeedMix.Of(seed, step), CPU);
        using Tensor drawn = randperm(count, dtype: ScalarType.Int64, device: CPU, generator: generator);
        return drawn.data<long>().ToArray();
    }
}
