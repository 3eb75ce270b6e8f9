using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MoCo.Tensors;

namespace MoCo.Contrast.Losses;

/// <summary>What <see cref="InfoNce"/> does to a block of logits between its two matrix products, for each query's row in one go while it
/// is in a core's first cache: on a CPU, in float32.</summary>
internal static unsafe class LogitRows
{
    /// <summary>Whether logits of such queries can be taken.</summary>
    public static bool Take(Tensor queries)
        => TorchThreads.AreKnown && queries is { device_type: DeviceType.CPU, dtype: ScalarType.Float32 };

    /// <summary>Makes exp(l − m) of each logit l, where m is the row's highest so far.</summary>
    /// <param name="logits">N×b, contiguous; replaced.</param>
    /// <param name="highest">N×1: m before, and behind.</param>
    /// <param name="hardest">N×1: raised to the row's highest logit.</param>
    /// <param name="partition">N×1: Σ exp(l − m) of all blocks before, made to be of this one too.</param>
    /// <param name="shrink">N×1: receives exp(m before − m), by which what was summed up before is to be multiplied.</param>
    /// <param name="sum">N×1: Σ l of all blocks before, made to be of this one too; null where it is not wanted.</param>
    public static void Exponentiate(Tensor logits, Tensor highest, Tensor hardest, Tensor partition, Tensor shrink, Tensor? sum)
    {
        int rows = (int)logits.shape[0], length = (int)logits.shape[1], parts = Math.Min(rows, get_num_threads());
        float* values = Pointer(logits), high = Pointer(highest), hard = Pointer(hardest), sums = Pointer(partition);
        float* shrinks = Pointer(shrink), added = sum is null ? null : Pointer(sum);
        TorchThreads.Run(parts, part =>
        {
            for (int row = rows * part / parts; row < rows * (part + 1) / parts; row++)
            {
                float* of = values + (long)row * length;
                float top = Highest(of, length, out float all), raised = MathF.Max(high[row], top);
                float factor = MathF.Exp(high[row] - raised);
                hard[row] = MathF.Max(hard[row], top);
                high[row] = raised;
                shrinks[row] = factor;
                if (added != null) added[row] += all;
                sums[row] = sums[row] * factor + Exponentiate(of, length, raised);
            }
        });
        foreach (Tensor? tensor in (ReadOnlySpan<Tensor?>)[logits, highest, hardest, partition, shrink, sum]) GC.KeepAlive(tensor);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Highest(float* values, int length, out float sum)
    {
        Vector512<float> highest = Vector512.Create(float.NegativeInfinity), other = highest, added = default, more = default;
        int i = 0, width = Vector512<float>.Count;
        for (; i <= length - 2 * width; i += 2 * width)
        {
            Vector512<float> first = Vector512.Load(values + i), second = Vector512.Load(values + i + width);
            highest = Vector512.Max(highest, first);
            other = Vector512.Max(other, second);
            added += first;
            more += second;
        }
        highest = Vector512.Max(highest, other);
        sum = Vector512.Sum(added + more);
        float top = float.NegativeInfinity;
        for (int lane = 0; lane < width; lane++) top = MathF.Max(top, highest[lane]);
        for (; i < length; i++)
        {
            top = MathF.Max(top, values[i]);
            sum += values[i];
        }
        return top;
    }

    /// <summary>v ← exp(v − m), and their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentiate(float* values, int length, float highest)
    {
        Vector512<float> shift = Vector512.Create(highest), one = Vector512<float>.Zero, other = one;
        int i = 0, width = Vector512<float>.Count;
        for (; i <= length - 2 * width; i += 2 * width)
        {
            Vector512<float> first = Exp(Vector512.Load(values + i) - shift), second = Exp(Vector512.Load(values + i + width) - shift);
            first.Store(values + i);
            second.Store(values + i + width);
            one += first;
            other += second;
        }
        float sum = Vector512.Sum(one + other);
        for (; i < length; i++) sum += values[i] = Exp(Vector512.Create(values[i]) - shift)[0];
        return sum;
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

    private static float* Pointer(Tensor tensor)
    {
        using Tensor row = tensor.narrow(0, 0, 1); // a whole block may be more than a span holds
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row.bytes));
    }
}
