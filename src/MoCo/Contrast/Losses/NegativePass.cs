using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MoCo.Tensors;

namespace MoCo.Contrast.Losses;

/// <summary>What <see cref="InfoNce"/> sums up over the negatives, on a CPU in float32: each thread takes a share of the keys, some of
/// them at a time, and logits, exponentials and the weighted keys of these are made while all of it is in a core's own cache.</summary>
internal sealed unsafe class NegativePass
{
    // 64 keys of 128 numbers are 32 KiB, their logits of 64 queries 16.
    private const int KeysAtATime = 64, Lanes = RowProducts.Lanes;

    private readonly float* queries;
    private readonly float* keys;
    private readonly int batch, columns, dimension;
    private readonly long* numbers;
    private readonly long* keyNumbers;

    private NegativePass(float* queries, float* keys, int batch, int dimension, long* numbers, long* keyNumbers)
    {
        this.queries = queries;
        this.keys = keys;
        this.numbers = numbers;
        this.keyNumbers = keyNumbers;
        (this.batch, this.dimension) = (batch, dimension);
        columns = RoundUp(batch);
    }

    /// <summary>Whether it takes such queries.</summary>
    /// <remarks>AVX-512 is asked for itself: .NET does not call <see cref="Vector512"/> accelerated on Skylake and Cascade Lake, whose
    /// clock sinks with it, and there too the pass is faster than libtorch's products.</remarks>
    public static bool Takes(Tensor queries) => TorchThreads.AreKnown && Avx512F.IsSupported
        && queries is { device_type: DeviceType.CPU, dtype: ScalarType.Float32 };

    /// <summary>Adds the negatives to what is summed up already.</summary>
    /// <param name="queries">q/τ, N×dim.</param>
    /// <param name="negatives">K×dim.</param>
    /// <param name="sameAs">The queries' and keys' numbers, N and K: an equal one is left out; null leaves none out.</param>
    /// <param name="sums">The sums so far.</param>
    /// <param name="hardest">N×1: raised to the highest logit of a negative.</param>
    /// <returns>Σ l of all queries' negatives, and how many they are.</returns>
    public static (Tensor Sum, Tensor Left) Add(
        Tensor queries, Tensor negatives, (Tensor Queries, Tensor Keys)? sameAs, SoftmaxSums sums, Tensor hardest)
    {
        using DisposeScope scope = NewDisposeScope();
        int batch = (int)queries.shape[0], dimension = (int)queries.shape[1];
        long count = negatives.shape[0];
        Tensor rows = negatives.contiguous(), columns = InColumns(queries);
        Tensor? numbers = sameAs?.Queries.contiguous(), keyNumbers = sameAs?.Keys.contiguous();
        NegativePass pass = new(columns.Address<float>(), rows.Address<float>(), batch, dimension,
            numbers is null ? null : numbers.Address<long>(), keyNumbers is null ? null : keyNumbers.Address<long>());

        int parts = (int)Math.Clamp(count / KeysAtATime, 1, get_num_threads());
        Tensor memory = zeros(parts, pass.ShareSize);
        Share[] shares = new Share[parts];
        float* start = memory.Address<float>(), highest = sums.Highest.Address<float>();
        TorchThreads.Run(parts, part =>
        {
            Share share = new(start + part * pass.ShareSize, pass.columns);
            new Span<float>(highest, batch).CopyTo(new Span<float>(share.Highest, batch));
            new Span<float>(share.Hardest, pass.columns).Fill(float.NegativeInfinity);
            pass.Pass(ref share, Bound(part), Bound(part + 1));
            shares[part] = share;
        });
        float* top = hardest.Address<float>(), partition = sums.Partition.Address<float>(), weighted = sums.Weighted.Address<float>();
        int mergers = Math.Min(parts, batch);
        TorchThreads.Run(mergers, part =>
        {
            for (int n = part; n < batch; n += mergers)
                pass.Merge(shares, n, highest + n, top + n, partition + n, weighted + (long)n * dimension);
        });
        foreach (object? kept in (ReadOnlySpan<object?>)[columns, rows, numbers, keyNumbers, memory, sums, hardest]) GC.KeepAlive(kept);
        return (tensor((float)shares.Sum(share => share.Sum)).MoveToOuterDisposeScope(),
            tensor((float)((double)batch * count - shares.Sum(share => share.LeftOut))).MoveToOuterDisposeScope());

        long Bound(int part) => part == parts ? count : count * part / parts / KeysAtATime * KeysAtATime;
    }

    /// <summary>Numbers of a <see cref="Share"/>.</summary>
    private long ShareSize => RowProducts.Wide * KeysAtATime + (long)columns * (dimension + 3);

    private void Pass(ref Share share, long from, long to)
    {
        for (long first = from; first < to; first += KeysAtATime)
        {
            int count = (int)Math.Min(KeysAtATime, to - first);
            float* block = keys + first * dimension;
            for (int column = 0, width; column < columns; column += width)
            {
                width = WidthAt(column);
                new Span<float>(share.Logits, count * width).Clear();
                RowProducts.Add(block, dimension, 1, count, dimension, queries + (long)column * dimension, share.Logits, width);
                if (numbers != null) LeaveOut(ref share, keyNumbers + first, count, column, width);
                float* weighted = share.Weighted + (long)column * dimension;
                for (int lane = 0; lane < width; lane += Lanes)
                    Exponentiate(ref share, count, column + lane, share.Logits + lane, weighted + lane, width);
                RowProducts.Add(block, 1, dimension, dimension, count, share.Logits, weighted, width);
            }
        }
    }

    private void LeaveOut(ref Share share, long* of, int count, int column, int width)
    {
        int queriesHere = Math.Min(width, batch - column);
        for (int key = 0; key < count; key++)
        {
            ReadOnlySpan<long> here = new(numbers + column, queriesHere);
            for (int n = here.IndexOf(of[key]); n >= 0;)
            {
                share.Logits[key * width + n] = float.NegativeInfinity;
                share.LeftOut++;
                int next = here[(n + 1)..].IndexOf(of[key]);
                n = next < 0 ? -1 : n + 1 + next;
            }
        }
    }

    /// <summary>l ← exp(l − m) for sixteen queries, with m raised to the highest of them first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Exponentiate(ref Share share, int count, int column, float* logits, float* weighted, int width)
    {
        Vector512<float> lowest = Vector512.Create(float.NegativeInfinity), top = lowest, all = default, sum = default;
        float* end = logits + count * width;
        for (float* at = logits; at < end; at += width)
        {
            Vector512<float> logit = Vector512.Load(at);
            top = Vector512.MaxNative(top, logit);
            all += Vector512.ConditionalSelect(Vector512.Equals(logit, lowest), default, logit);
        }
        Vector512<float> before = Vector512.Load(share.Highest + column), raised = Vector512.MaxNative(before, top);
        for (float* at = logits; at < end; at += width)
        {
            Vector512<float> value = Exp(Vector512.Load(at) - raised);
            value.Store(at);
            sum += value;
        }
        Vector512<float> shrink = Exp(before - raised);
        raised.Store(share.Highest + column);
        Vector512.MaxNative(Vector512.Load(share.Hardest + column), top).Store(share.Hardest + column);
        Vector512.FusedMultiplyAdd(Vector512.Load(share.Partition + column), shrink, sum).Store(share.Partition + column);
        share.Sum += Vector512.Sum(all);
        if (Vector512.EqualsAll(before, raised)) return;
        for (int d = 0; d < dimension; d++, weighted += width) (Vector512.Load(weighted) * shrink).Store(weighted);
    }

    private void Merge(Share[] shares, int n, float* highest, float* hardest, float* partition, float* weighted)
    {
        int column = n / RowProducts.Wide * RowProducts.Wide, width = WidthAt(column);
        if (width == Lanes) column = n / Lanes * Lanes;
        foreach (Share share in shares)
        {
            float raised = MathF.Max(*highest, share.Highest[n]);
            float shrink = MathF.Exp(*highest - raised), factor = MathF.Exp(share.Highest[n] - raised);
            *highest = raised;
            *hardest = MathF.Max(*hardest, share.Hardest[n]);
            *partition = *partition * shrink + share.Partition[n] * factor;
            float* its = share.Weighted + (long)column * dimension + (n - column);
            for (int d = 0; d < dimension; d++, its += width) weighted[d] = weighted[d] * shrink + *its * factor;
        }
    }

    /// <summary>eˣ of x ≤ 0, within two units in the last place: x = n·ln 2 + r with |r| ≤ ½·ln 2, and a polynomial in r (Moshier's
    /// Cephes). What float32 has as a denormal number is 0; what is no number stays none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Exp(Vector512<float> x)
    {
        // In a sum with 1.5·2²³ the last bits are those of the nearest integer.
        Vector512<float> rounder = Vector512.Create(12_582_912f);
        Vector512<float> rounded = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), rounder), n = rounded - rounder;
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x); // ln 2 in two parts
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        Vector512<int> power = Vector512.ShiftLeft(rounded.AsInt32(), 23) + Vector512.Create(0x3f80_0000); // 2ⁿ
        Vector512<float> result = p * power.AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87f)), Vector512<float>.Zero, result);
    }

    /// <summary>Queries in panels of 64 and, for the rest, 16, each dim × its width.</summary>
    private static Tensor InColumns(Tensor queries)
    {
        long batch = queries.shape[0], dimension = queries.shape[1], whole = batch / RowProducts.Wide * RowProducts.Wide;
        List<Tensor> panels = [];
        if (whole > 0) panels.Add(Panels(queries.narrow(0, 0, whole), RowProducts.Wide));
        if (whole < batch)
        {
            Tensor rest = zeros(RoundUp((int)(batch - whole)), dimension);
            rest.narrow(0, 0, batch - whole).copy_(queries.narrow(0, whole, batch - whole));
            panels.Add(Panels(rest, Lanes));
        }
        return cat([.. panels]);

        Tensor Panels(Tensor part, long width) => part.reshape(-1, width, dimension).transpose(1, 2).reshape(-1);
    }

    private int WidthAt(int column) => column <= batch - RowProducts.Wide ? RowProducts.Wide : Lanes;

    private static int RoundUp(int count) => (count + Lanes - 1) / Lanes * Lanes;

    /// <summary>A thread's sums over its keys.</summary>
    private struct Share(float* memory, int columns)
    {
        public readonly float* Logits = memory;                                     // a block's, keys × width
        public readonly float* Highest = memory + RowProducts.Wide * KeysAtATime;
        public readonly float* Hardest = memory + RowProducts.Wide * KeysAtATime + columns;
        public readonly float* Partition = memory + RowProducts.Wide * KeysAtATime + 2 * columns;
        public readonly float* Weighted = memory + RowProducts.Wide * KeysAtATime + 3 * columns; // panels of dim × width

        public double Sum;
        public long LeftOut;
    }
}
