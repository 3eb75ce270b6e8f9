using System.Numerics;
using System.Runtime.CompilerServices;
using MoCo.Tensors;

namespace MoCo.Optimization;

/// <summary>The momentum update and the copy that undoes it in one pass over flat float32 parameters on a CPU, on libtorch's threads: half
/// the memory traffic of two.</summary>
internal static unsafe class FollowKernel
{
    private static int Width => Vector<float>.Count;

    /// <summary>before ← θ_k; θ_k ← θ_k + share·(θ_q − θ_k), by the formula of libtorch's lerp.</summary>
    public static void Follow(Tensor key, Tensor query, Tensor before, float share)
    {
        float* k = key.Address<float>(), q = query.Address<float>(), copy = before.Address<float>();
        bool isNear = share < 0.5f;
        float factor = isNear ? share : share - 1;
        FlatPass.Run(key.NumberOfElements, (from, to) => Follow(k, q, copy, from, to, factor, isNear));
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
            MemoryAhead.Fetch(key + i + MemoryAhead.Numbers);
            MemoryAhead.Fetch(query + i + MemoryAhead.Numbers);
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
}
