using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MoCo.Tensors;

namespace MoCo.Optimization;

/// <summary>The momentum update and the copy that undoes it in one pass over flat float32 parameters on a CPU, on libtorch's threads: half
/// the memory traffic of two.</summary>
internal static unsafe class FollowKernel
{
    private static int Width => Vector<float>.Count;

    /// <summary>Whether all lie so that a kernel can pass over them.</summary>
    public static bool Fit(params ReadOnlySpan<Tensor> tensors)
    {
        if (!TorchThreads.AreKnown) return false;
        foreach (Tensor tensor in tensors)
            if (tensor.device_type != DeviceType.CPU || tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous()) return false;
        return tensors[0].NumberOfElements > 0;
    }

    /// <summary>before ← θ_k; θ_k ← θ_k + share·(θ_q − θ_k), by the formula of libtorch's lerp.</summary>
    public static void Follow(Tensor key, Tensor query, Tensor before, float share)
    {
        float* k = Pointer(key), q = Pointer(query), copy = Pointer(before);
        bool isNear = share < 0.5f;
        float factor = isNear ? share : share - 1;
        ForEachPart(key.NumberOfElements, (from, to) => Follow(k, q, copy, from, to, factor, isNear));
        GC.KeepAlive(key);
        GC.KeepAlive(query);
        GC.KeepAlive(before);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Follow(float* key, float* query, float* before, long from, long to, float factor, bool isNear)
    {
        Vector<float> share = new(factor);
        bool streams = (nuint)(before + from) % (nuint)(sizeof(float) * Width) == 0;
        long i = from;
        for (; i <= to - Width; i += Width)
        {
            Vector<float> k = Vector.Load(key + i), q = Vector.Load(query + i);
            if (streams) k.StoreAlignedNonTemporal(before + i);
            else k.Store(before + i);
            Vector.FusedMultiplyAdd(share, q - k, isNear ? k : q).Store(key + i);
        }
        for (; i < to; i++)
        {
            before[i] = key[i];
            key[i] = MathF.FusedMultiplyAdd(factor, query[i] - key[i], isNear ? key[i] : query[i]);
        }
    }

    private static void ForEachPart(long count, Action<long, long> work)
    {
        const int Least = 1 << 14, Unit = 64;
        int parts = (int)Math.Clamp(count / Least, 1, get_num_threads());
        TorchThreads.Run(parts, part => work(Bound(part), Bound(part + 1)));

        long Bound(int part) => part == parts ? count : count * part / parts / Unit * Unit;
    }

    private static float* Pointer(Tensor tensor)
    {
        using Tensor first = tensor.narrow(0, 0, 1); // all of it may be more than a span holds
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
