namespace MoCo.Data;

/// <summary>The order of the images in an epoch: a shuffle of 0 … N−1 that is a pure function of (seed, epoch).</summary>
/// <remarks>Four bytes for each image.</remarks>
public static class EpochPermutation
{
    /// <summary>Shuffles 0 … N−1 (Fisher and Yates), every order as likely as any other.</summary>
    /// <param name="count">N, at least 0.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>The image at each place.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative count or epoch.</exception>
    public static int[] Create(int count, long seed, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        int[] order = Identity(count);
        SampleRandom random = SampleRandom.ForEpoch(seed, epoch);
        for (int last = count - 1; last > 0; last--)
        {
            int other = random.NextInt32(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    internal static int[] Identity(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] order = GC.AllocateUninitializedArray<int>(count);
        for (int i = 0; i < count; i++)
            order[i] = i;
        return order;
    }
}
