using System.Numerics;
using System.Runtime.CompilerServices;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused.Host;

internal static unsafe partial class ChannelKernels
{
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
            nint ahead = tile.Ahead(channels);
            for (int n = 0; n < whole; n += Rows, row += Rows * channels, g += Rows * channels)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> scale = Vector.Load(scales + i), shift = Vector.Load(shifts + i), center = Vector.Load(means + i);
                    Vector<float> added = Vector.Load(sum + i), multiplied = Vector.Load(product + i);
                    float* value = row + i, of = g + i;
                    for (int k = 0; k < Rows; k++, value += channels, of += channels)
                    {
                        MemoryAhead.Fetch(value + ahead);
                        MemoryAhead.Fetch(of + ahead);
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
                MemoryAhead.Fetch(x + i + MemoryAhead.Numbers);
                MemoryAhead.Fetch(gradient + i + MemoryAhead.Numbers);
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
                MemoryAhead.Fetch(x + i + MemoryAhead.Numbers);
                MemoryAhead.Fetch(gradient + i + MemoryAhead.Numbers);
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
            nint ahead = tile.Ahead(channels);
            for (int n = 0; n < whole; n += Rows)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> center = Vector.Load(means + i), added = Vector.Load(sum + i), multiplied = Vector.Load(product + i);
                    int place = n * channels + i;
                    for (int k = 0; k < Rows; k++, place += channels)
                    {
                        MemoryAhead.Fetch(g + place + ahead);
                        MemoryAhead.Fetch(result + place + ahead);
                        MemoryAhead.Fetch(values + place + ahead);
                        if (second != null) MemoryAhead.Fetch(second + place + ahead);
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
            nint ahead = tile.Ahead(channels);
            for (int n = 0; n < whole; n += Rows)
            {
                for (int i = 0; i < vectors; i += Width)
                {
                    Vector<float> center = Vector.Load(means + i), multiplied = Vector.Load(product + i);
                    int place = n * channels + i;
                    for (int k = 0; k < Rows; k++, place += channels)
                    {
                        MemoryAhead.Fetch(g + place + ahead);
                        MemoryAhead.Fetch(values + place + ahead);
                        multiplied = Vector.FusedMultiplyAdd(Vector.Load(g + place), Vector.Load(values + place) - center, multiplied);
                    }
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
}
