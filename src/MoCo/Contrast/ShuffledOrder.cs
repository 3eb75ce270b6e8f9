namespace MoCo.Contrast;

/// <summary>The permutation that <see cref="BatchShuffle"/> applied to the batches of all ranks.</summary>
public sealed class ShuffledOrder
{
    private readonly long[] permutation;

    internal ShuffledOrder(long[] permutation) => this.permutation = permutation;

    /// <summary>Samples over all ranks.</summary>
    public int Length => permutation.Length;

    /// <summary>The samples that a rank's part of the shuffled whole consists of.</summary>
    internal long[] Of(int rank, long count) => permutation.AsSpan((int)(rank * count), (int)count).ToArray();

    /// <summary>Where in the shuffled whole a rank's own samples are.</summary>
    internal long[] InverseOf(int rank, long count)
    {
        var mine = new long[count];
        for (int position = 0; position < permutation.Length; position++)
        {
            long sample = permutation[position] - rank * count;
            if (sample >= 0 && sample < count) mine[sample] = position;
        }
        return mine;
    }
}
