namespace MoCo.Data;

/// <summary>The order of the images in an epoch, four bytes for each.</summary>
internal static class EpochPermutation
{
    /// <summary>A shuffle of 0 … N−1 that is a pure function of (seed, epoch).</summary>
    internal static int[] Create(int count, long seed, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        int[] order = Identity(count);
        SampleRandom.ForEpoch(seed, epoch).Shuffle<int>(order);
        return order;
    }

    internal static int[] Identity(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] order = GC.AllocateUninitializedArray<int>(count);
        for (int i = 0; i < count; i++) order[i] = i;
        return order;
    }
}
