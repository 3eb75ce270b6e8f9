using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoCo.Encoders.Fused;

/// <summary>What BatchNorm, the sum with the residual path and ReLU compute of rows × channels in memory, each in one pass. A row is an
/// image's place, all of its channels.</summary>
/// <remarks>Passes over memory are what these layers cost on a CPU: libtorch makes 4 for BatchNorm (mean, variance, reading and writing
/// y), 3 for the sum and 2 for ReLU; these make 1 for the statistics and 2 or 3 for all the rest.</remarks>
internal static unsafe class ChannelKernels
{
    // A tile of rows and channels lies in the second cache, so that a second look at it costs no memory. Its sums are float32 and go into
    // doubles when it is done.
    private const int TileChannels = 256, TileNumbers = 32768;

    // A thread's part that does not stay in its caches: 4 MB.
    private const long StreamedNumbers = 1 << 20;

    // Rows whose numbers are added up in registers.
    private const int Rows = 4;

    private static int Width => Vector<float>.Count;

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
            for (int n = 0; n < whole; n += Rows, a += Rows * channels)
            {
                float* b = a + channels, c = b + channels, d = c + channels;
                for (int i = 0; i < vectors; i += Width)
                    (Vector.Load(sums + i) + (Vector.Load(a + i) + Vector.Load(b + i) + (Vector.Load(c + i) + Vector.Load(d + i))))
                        .Store(sums + i);
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
                Store(Rectified(Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(a + i), Vector.Load(b + i))), y + i, streams);
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
                Vector<float> value = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(a + i), Vector.Load(b + i));
                Vector<float> other = Vector.FusedMultiplyAdd(Vector.Load(z + i), Vector.Load(c + i), Vector.Load(d + i));
                Store(Rectified(value + other), y + i, streams);
            }
            for (; i < channels; i++)
                y[i] = Rectified(MathF.FusedMultiplyAdd(x[i], a[i], b[i]) + MathF.FusedMultiplyAdd(z[i], c[i], d[i]));
        }
    }

    /// <summary>Sums over rows of g and g·(x − mean), where g is the gradient of max(0, a·x + b).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sums(
        float* x, float* gradient, long rows, int channels, float* a, float* b, float* mean, double* sums, double* products)
    {
        new Span<double>(sums, channels).Clear();
        new Span<double>(products, channels).Clear();
        float* sum = stackalloc float[TileChannels], product = stackalloc float[TileChannels];
        foreach (Tile tile in Tiles(rows, channels))
        {
            new Span<float>(sum, TileChannels).Clear();
            new Span<float>(product, TileChannels).Clear();
            long offset = tile.Row * channels + tile.Channel;
            float* values = x + offset, gradients = gradient + offset, row = values, g = gradients;
            float* scales = a + tile.Channel, shifts = b + tile.Channel, means = mean + tile.Channel;
            int whole = tile.Rows / Rows * Rows, vectors = tile.Channels / Width * Width;
            for (int n = 0; n < whole; n += Rows, row += Rows * channels, g += Rows * channels)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> scale = Vector.Load(scales + i), shift = Vector.Load(shifts + i), center = Vector.Load(means + i);
                    Vector<float> added = Vector.Load(sum + i), multiplied = Vector.Load(product + i);
                    float* value = row + i, of = g + i;
                    for (int k = 0; k < Rows; k++, value += channels, of += channels)
                    {
                        Vector<float> here = Vector.Load(value);
                        Vector<float> passed = Masked(Vector.Load(of), Vector.FusedMultiplyAdd(here, scale, shift));
                        added += passed;
                        multiplied = Vector.FusedMultiplyAdd(passed, here - center, multiplied);
                    }
                    added.Store(sum + i);
                    multiplied.Store(product + i);
                }
            }
            foreach ((int restRow, int i) in tile.Rest(whole, vectors))
            {
                float here = values[restRow * channels + i];
                float passed = MathF.FusedMultiplyAdd(here, scales[i], shifts[i]) <= 0 ? 0 : gradients[restRow * channels + i];
                sum[i] += passed;
                product[i] = MathF.FusedMultiplyAdd(passed, here - means[i], product[i]);
            }
            Add(sum, sums + tile.Channel, tile.Channels);
            Add(product, products + tile.Channel, tile.Channels);
        }
    }

    /// <summary>x ← p·g + q·x + r, where g is the gradient of max(0, a·x + b).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(
        float* x, float* gradient, long rows, int channels, float* a, float* b, float* p, float* q, float* r)
    {
        for (long row = 0; row < rows; row++, x += channels, gradient += channels)
        {
            int i = 0;
            for (; i <= channels - Width; i += Width)
            {
                Vector<float> value = Vector.Load(x + i);
                Vector<float> g = Masked(
                    Vector.Load(gradient + i), Vector.FusedMultiplyAdd(value, Vector.Load(a + i), Vector.Load(b + i)));
                Vector<float> rest = Vector.FusedMultiplyAdd(value, Vector.Load(q + i), Vector.Load(r + i));
                Vector.FusedMultiplyAdd(g, Vector.Load(p + i), rest).Store(x + i);
            }
            for (; i < channels; i++)
            {
                float g = MathF.FusedMultiplyAdd(x[i], a[i], b[i]) <= 0 ? 0 : gradient[i];
                x[i] = MathF.FusedMultiplyAdd(g, p[i], MathF.FusedMultiplyAdd(x[i], q[i], r[i]));
            }
        }
    }

    /// <summary>x ← p·g + q·x + r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* x, float* gradient, long rows, int channels, float* p, float* q, float* r)
    {
        for (long row = 0; row < rows; row++, x += channels, gradient += channels)
        {
            int i = 0;
            for (; i <= channels - Width; i += Width)
            {
                Vector<float> rest = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(q + i), Vector.Load(r + i));
                Vector.FusedMultiplyAdd(Vector.Load(gradient + i), Vector.Load(p + i), rest).Store(x + i);
            }
            for (; i < channels; i++) x[i] = MathF.FusedMultiplyAdd(gradient[i], p[i], MathF.FusedMultiplyAdd(x[i], q[i], r[i]));
        }
    }

    /// <summary>g ← where y is above 0 g + <paramref name="more"/> (which may be null), else 0; and the sums over rows of g and
    /// g·(x − mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskAndSum(float* y, float* gradient, float* more, float* x, long rows, int channels, float* mean,
        double* sums, double* products)
    {
        new Span<double>(sums, channels).Clear();
        new Span<double>(products, channels).Clear();
        float* sum = stackalloc float[TileChannels], product = stackalloc float[TileChannels];
        foreach (Tile tile in Tiles(rows, channels))
        {
            new Span<float>(sum, TileChannels).Clear();
            new Span<float>(product, TileChannels).Clear();
            long offset = tile.Row * channels + tile.Channel;
            float* result = y + offset, g = gradient + offset, second = more == null ? null : more + offset, values = x + offset;
            float* means = mean + tile.Channel;
            int whole = tile.Rows / Rows * Rows, vectors = tile.Channels / Width * Width;
            for (int n = 0; n < whole; n += Rows)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> center = Vector.Load(means + i), added = Vector.Load(sum + i), multiplied = Vector.Load(product + i);
                    int place = n * channels + i;
                    for (int k = 0; k < Rows; k++, place += channels)
                    {
                        Vector<float> passed = Vector.Load(g + place);
                        if (second != null) passed += Vector.Load(second + place);
                        passed = Masked(passed, Vector.Load(result + place));
                        passed.Store(g + place);
                        added += passed;
                        multiplied = Vector.FusedMultiplyAdd(passed, Vector.Load(values + place) - center, multiplied);
                    }
                    added.Store(sum + i);
                    multiplied.Store(product + i);
                }
            }
            foreach ((int row, int i) in tile.Rest(whole, vectors))
            {
                int place = row * channels + i;
                float passed = result[place] <= 0 ? 0 : second == null ? g[place] : g[place] + second[place];
                g[place] = passed;
                sum[i] += passed;
                product[i] = MathF.FusedMultiplyAdd(passed, values[place] - means[i], product[i]);
            }
            Add(sum, sums + tile.Channel, tile.Channels);
            Add(product, products + tile.Channel, tile.Channels);
        }
    }

    /// <summary>The sums over rows of g·(x − mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(float* gradient, float* x, long rows, int channels, float* mean, double* products)
    {
        new Span<double>(products, channels).Clear();
        float* product = stackalloc float[TileChannels];
        foreach (Tile tile in Tiles(rows, channels))
        {
            new Span<float>(product, TileChannels).Clear();
            long offset = tile.Row * channels + tile.Channel;
            float* g = gradient + offset, values = x + offset, means = mean + tile.Channel;
            int whole = tile.Rows / Rows * Rows, vectors = tile.Channels / Width * Width;
            for (int n = 0; n < whole; n += Rows)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> center = Vector.Load(means + i), multiplied = Vector.Load(product + i);
                    int place = n * channels + i;
                    for (int k = 0; k < Rows; k++, place += channels)
                        multiplied = Vector.FusedMultiplyAdd(Vector.Load(g + place), Vector.Load(values + place) - center, multiplied);
                    multiplied.Store(product + i);
                }
            }
            foreach ((int row, int i) in tile.Rest(whole, vectors))
            {
                int place = row * channels + i;
                product[i] = MathF.FusedMultiplyAdd(g[place], values[place] - means[i], product[i]);
            }
            Add(product, products + tile.Channel, tile.Channels);
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

    /// <summary>The gradient where a ReLU's value is above 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Masked(Vector<float> gradient, Vector<float> value)
        => Vector.ConditionalSelect(Vector.LessThanOrEqual(value, default), default, gradient);

    private static void Add(float* values, double* sums, int count)
    {
        int i = 0;
        for (; i <= count - Width; i += Width)
        {
            Vector.Widen(Vector.Load(values + i), out Vector<double> low, out Vector<double> high);
            (Vector.Load(sums + i) + low).Store(sums + i);
            (Vector.Load(sums + i + Width / 2) + high).Store(sums + i + Width / 2);
        }
        for (; i < count; i++) sums[i] += values[i];
    }

    private static IEnumerable<Tile> Tiles(long rows, int channels)
    {
        for (int channel = 0; channel < channels; channel += TileChannels)
        {
            int width = Math.Min(TileChannels, channels - channel), height = TileNumbers / width;
            for (long row = 0; row < rows; row += height)
                yield return new Tile(row, (int)Math.Min(height, rows - row), channel, width);
        }
    }

    private readonly record struct Tile(long Row, int Rows, int Channel, int Channels)
    {
        /// <summary>What is left of it beside its first whole rows and channels; of all but odd sizes nothing, for which no iterator is
        /// made.</summary>
        public IEnumerable<(int Row, int Channel)> Rest(int rows, int channels)
            => rows == Rows && channels == Channels ? [] : Places(rows, channels);

        private IEnumerable<(int Row, int Channel)> Places(int rows, int channels)
        {
            for (int row = 0; row < Rows; row++)
                for (int channel = row < rows ? channels : 0; channel < Channels; channel++)
                    yield return (row, channel);
        }
    }
}
