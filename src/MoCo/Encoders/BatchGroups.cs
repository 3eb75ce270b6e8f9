namespace MoCo.Encoders;

/// <summary>The groups of a batch that split BatchNorm sees apart: sample n belongs to group n mod S. Groups differ by at most one sample;
/// if one had fewer than two, the whole batch is one group.</summary>
internal sealed class BatchGroups
{
    private readonly long[] order;

    private BatchGroups(long[] sizes, long[] order) => (Sizes, this.order) = (sizes, order);

    /// <summary>Samples of each group, summing to the batch.</summary>
    public long[] Sizes { get; }

    public static long[] SizesOf(long batch, int splits)
    {
        if (batch / splits < 2) return [batch];
        long[] sizes = new long[splits];
        for (int group = 0; group < splits; group++) sizes[group] = (batch - group + splits - 1) / splits;
        return sizes;
    }

    /// <summary>The groups of a batch, or null when the whole batch is one group.</summary>
    public static BatchGroups? Of(long batch, int splits)
    {
        long[] sizes = SizesOf(batch, splits);
        if (sizes.Length == 1) return null;
        long[] order = new long[batch];
        int position = 0;
        for (int group = 0; group < splits; group++)
            for (long sample = group; sample < batch; sample += splits)
                order[position++] = sample;
        return new BatchGroups(sizes, order);
    }

    /// <summary>Reorders N×… so that every group's samples stand together.</summary>
    public Tensor Gather(Tensor input) => ChannelsLast.SelectSamples(input, order);

    /// <summary>Undoes <see cref="Gather"/>.</summary>
    public Tensor Scatter(Tensor input)
    {
        long[] inverse = new long[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return ChannelsLast.SelectSamples(input, inverse);
    }
}
