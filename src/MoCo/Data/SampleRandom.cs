namespace MoCo.Data;

/// <summary>Random numbers that are a pure function of (seed, epoch, image, view): the same with 1 or 16 workers, in any order, and after a
/// run was resumed.</summary>
/// <remarks>Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): the seed is the key; epoch, image, view
/// and a block number are the counter. Distinct counters never share a block, so no two views share a stream. A mutable struct: pass it by
/// <c>ref</c>.</remarks>
public struct SampleRandom
{
    private const uint M0 = 0xD2511F53, M1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    private readonly ulong seed;
    private readonly uint epoch, index, view;
    private uint block, word0, word1, word2, word3;
    private int left;

    /// <summary>The stream of one view of one image in one epoch.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="index">The image's number in its source, from 0.</param>
    /// <param name="view">The view: 0 for the query, 1 for the key, then the small ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch, index or view.</exception>
    public SampleRandom(long seed, int epoch, int index, int view)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(view);
        (this.seed, this.epoch, this.index, this.view) = (unchecked((ulong)seed), (uint)epoch, (uint)index, (uint)view);
    }

    private SampleRandom(long seed, int epoch, uint stream)
        => (this.seed, this.epoch, index, view) = (unchecked((ulong)seed), (uint)epoch, stream, uint.MaxValue);

    /// <summary>A stream that belongs to the epoch as a whole; no image has it, since no view has its number.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static SampleRandom ForEpoch(long seed, int epoch) => new(seed, epoch, uint.MaxValue);

    /// <summary>32 random bits.</summary>
    internal uint NextUInt32()
    {
        if (left == 0)
        {
            Philox(epoch, index, view, block++, (uint)seed, (uint)(seed >> 32), out word0, out word1, out word2, out word3);
            left = 4;
        }
        return left-- switch { 4 => word0, 3 => word1, 2 => word2, _ => word3 };
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble()
    {
        ulong high = (ulong)NextUInt32() << 32;
        return ((high | NextUInt32()) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>A number evenly spread over [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">The lower end.</param>
    /// <param name="high">The upper end.</param>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>An integer in [0, <paramref name="below"/>), each exactly as likely as any other.</summary>
    /// <param name="below">How many values there are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="below"/> is below 1.</exception>
    public int NextInt32(int below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(below, 1);
        // Lemire's multiplication: the few products in the unfair remainder are drawn again.
        uint n = (uint)below;
        ulong product = (ulong)NextUInt32() * n;
        if ((uint)product < n)
        {
            uint unfair = unchecked(0u - n) % n;
            while ((uint)product < unfair) product = (ulong)NextUInt32() * n;
        }
        return (int)(product >> 32);
    }

    /// <summary>True with the given probability.</summary>
    /// <param name="probability">0 (never) … 1 (always).</param>
    public bool NextBoolean(double probability) => NextDouble() < probability;

    /// <summary>A number from the standard normal distribution (Box and Muller).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts values into another order (Fisher and Yates), every order as likely as any other.</summary>
    /// <param name="values">The values.</param>
    public void Shuffle<T>(Span<T> values)
    {
        for (int last = values.Length - 1; last > 0; last--)
        {
            int other = NextInt32(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    internal static void Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, out uint r0, out uint r1, out uint r2, out uint r3)
    {
        unchecked
        {
            for (int round = 0; round < 10; round++)
            {
                ulong p0 = (ulong)M0 * c0;
                ulong p1 = (ulong)M1 * c2;
                (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
                k0 += Weyl0;
                k1 += Weyl1;
            }
        }
        (r0, r1, r2, r3) = (c0, c1, c2, c3);
    }
}
