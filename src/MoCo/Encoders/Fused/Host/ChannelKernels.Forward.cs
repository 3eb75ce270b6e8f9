using System.Numerics;
using System.Runtime.CompilerServices;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused.Host;

internal static unsafe partial class ChannelKernels
{
    // A thread's part that does not stay in its caches: 4 MB.
    private const long StreamedNumbers = 1 << 20;

    /// <summary>Mean and sum of squared deviations of each channel, in double over tiles (Chan et al. 1979).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(float* x, long rows, int channels, double* mean, double* squares)
    {
        new Span<double>(mean, channels).Clear();
        new Span<double>(squares, channels).Clear();
        float* sums = stackalloc float[TileChannels], deviations = stackalloc float[TileChannels];
        foreach (Tile tile in Tiles(rows, channels))
        {
            new Span<float>(sums, TileChannels).Clear();
            new Span<float>(deviations, TileChannels).Clear();
            float* from = x + tile.Row * channels + tile.Channel;
            int whole = tile.Rows / Rows * Rows, vectors = tile.Channels / Width * Width;
            float* a = from;
            nint ahead = tile.Ahead(channels);
            for (int n = 0; n < whole; n += Rows, a += Rows * channels)
            {
                float* b = a + channels, c = b + channels, d = c + channels;
                for (int i = 0; i < vectors; i += Width)
                {
                    MemoryAhead.Fetch(a + i + ahead);
                    MemoryAhead.Fetch(b + i + ahead);
                    MemoryAhead.Fetch(c + i + ahead);
                    MemoryAhead.Fetch(d + i + ahead);
                    (Vector.Load(sums + i) + (Vector.Load(a + i) + Vector.Load(b + i) + (Vector.Load(c + i) + Vector.Load(d + i))))
                        .Store(sums + i);
                }
            }
            foreach ((int row, int channel) in tile.Rest(whole, vectors)) sums[channel] += from[row * channels + channel];

            float share = 1f / tile.Rows;
            for (int i = 0; i < tile.Channels; i++) sums[i] *= share;
            a = from;
            for (int n = 0; n < whole; n += Rows, a += Rows * channels)
            {
                float* b = a + channels, c = b + channels, d = c + channels;
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> center = Vector.Load(sums + i), first = Vector.Load(a + i) - center, second = Vector.Load(b + i) - center;
                    Vector<float> third = Vector.Load(c + i) - center, fourth = Vector.Load(d + i) - center;
                    Vector<float> half = Vector.FusedMultiplyAdd(first, first, Vector.Load(deviations + i));
                    Vector<float> other = Vector.FusedMultiplyAdd(second, second, third * third);
                    (Vector.FusedMultiplyAdd(fourth, fourth, half) + other).Store(deviations + i);
                }
            }
            foreach ((int row, int channel) in tile.Rest(whole, vectors))
            {
                float deviation = from[row * channels + channel] - sums[channel];
                deviations[channel] += deviation * deviation;
            }
            Merge(mean + tile.Channel, squares + tile.Channel, sums, deviations, tile);
        }
    }

    private static void Merge(double* mean, double* squares, float* means, float* deviations, Tile tile)
    {
        double part = tile.Rows / (double)(tile.Row + tile.Rows);
        Vector<double> share = new(part), weight = new(tile.Row * part);
        int i = 0;
        for (; i <= tile.Channels - Width; i += Width)
        {
            Vector.Widen(Vector.Load(means + i), out Vector<double> low, out Vector<double> high);
            Vector.Widen(Vector.Load(deviations + i), out Vector<double> lowSquares, out Vector<double> highSquares);
            Merge(mean + i, squares + i, low, lowSquares, share, weight);
            Merge(mean + i + Width / 2, squares + i + Width / 2, high, highSquares, share, weight);
        }
        for (; i < tile.Channels; i++) Merge(ref mean[i], ref squares[i], tile.Row, means[i], deviations[i], tile.Rows);
    }

    /// <summary>Joins the moments of more numbers to those of <paramref name="before"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Merge(ref double mean, ref double squares, long before, double otherMean, double otherSquares, long others)
    {
        double step = otherMean - mean, share = others / (double)(before + others);
        mean += step * share;
        squares += otherSquares + step * step * before * share;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Merge(double* mean, double* squares, Vector<double> otherMean, Vector<double> otherSquares,
        Vector<double> share, Vector<double> weight)
    {
        Vector<double> old = Vector.Load(mean), step = otherMean - old;
        Vector.FusedMultiplyAdd(step, share, old).Store(mean);
        (Vector.Load(squares) + otherSquares + step * step * weight).Store(squares);
    }

    /// <summary>y ← max(0, a·x + b).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rectify(float* x, float* y, long rows, int channels, float* a, float* b)
    {
        bool streams = Streams(x, y, rows, channels);
        for (long row = 0; row < rows; row++, x += channels, y += channels)
        {
            int i = 0;
            for (; i <= channels - Width; i += Width)
            {
                MemoryAhead.Fetch(x + i + MemoryAhead.Numbers);
                Store(Rectified(Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(a + i), Vector.Load(b + i))), y + i, streams);
            }
            for (; i < channels; i++) y[i] = Rectified(MathF.FusedMultiplyAdd(x[i], a[i], b[i]));
        }
    }

    /// <summary>y ← max(0, a·x + b + z).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RectifySum(float* x, float* z, float* y, long rows, int channels, float* a, float* b)
    {
        bool streams = Streams(x, y, rows, channels);
        for (long row = 0; row < rows; row++, x += channels, y += channels, z += channels)
        {
            int i = 0;
            for (; i <= channels - Width; i += Width)
            {
                MemoryAhead.Fetch(x + i + MemoryAhead.Numbers);
                MemoryAhead.Fetch(z + i + MemoryAhead.Numbers);
                Vector<float> value = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(a + i), Vector.Load(b + i));
                Store(Rectified(value + Vector.Load(z + i)), y + i, streams);
            }
            for (; i < channels; i++) y[i] = Rectified(MathF.FusedMultiplyAdd(x[i], a[i], b[i]) + z[i]);
        }
    }

    /// <summary>y ← max(0, a·x + b + c·z + d).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RectifySum(float* x, float* z, float* y, long rows, int channels, float* a, float* b, float* c, float* d)
    {
        bool streams = Streams(x, y, rows, channels);
        for (long row = 0; row < rows; row++, x += channels, y += channels, z += channels)
        {
            int i = 0;
            for (; i <= channels - Width; i += Width)
            {
                MemoryAhead.Fetch(x + i + MemoryAhead.Numbers);
                MemoryAhead.Fetch(z + i + MemoryAhead.Numbers);
                Vector<float> value = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(a + i), Vector.Load(b + i));
                Vector<float> other = Vector.FusedMultiplyAdd(Vector.Load(z + i), Vector.Load(c + i), Vector.Load(d + i));
                Store(Rectified(value + other), y + i, streams);
            }
            for (; i < channels; i++)
                y[i] = Rectified(MathF.FusedMultiplyAdd(x[i], a[i], b[i]) + MathF.FusedMultiplyAdd(z[i], c[i], d[i]));
        }
    }

    /// <summary>Whether results go past the caches: they need not be read before they are written then, and are larger than what the next
    /// layer would find there.</summary>
    private static bool Streams(float* x, float* y, long rows, int channels)
        => x != y && rows * channels >= StreamedNumbers && channels % Width == 0 && (nuint)y % (nuint)(sizeof(float) * Width) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<float> values, float* to, bool streams)
    {
        if (streams) values.StoreAlignedNonTemporal(to);
        else values.Store(to);
    }

    // What is not a number stays so, as in libtorch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Rectified(Vector<float> x) => Vector.ConditionalSelect(Vector.LessThan(x, default), default, x);

    private static float Rectified(float x) => x < 0 ? 0 : x;
}
