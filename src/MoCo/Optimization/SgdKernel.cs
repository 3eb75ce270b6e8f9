using System.Numerics;
using System.Runtime.CompilerServices;
using MoCo.Tensors;

namespace MoCo.Optimization;

/// <summary>A step of SGD in one pass over flat float32 parameters on a CPU, on libtorch's threads: values, gradients and velocities are
/// each read and written once.</summary>
internal static unsafe class SgdKernel
{
    private static int Width => Vector<float>.Count;

    /// <summary>g ← g + λθ; v ← μv + g; θ ← θ − ηv, or by Nesterov θ ← θ − η(g + μv); g ← 0, as libtorch's fused step rounds it.</summary>
    public static void Step(Tensor values, Tensor gradients, Tensor velocities, float rate, float momentum, float decay, bool nesterov)
    {
        float* value = values.Address<float>(), gradient = gradients.Address<float>(), velocity = velocities.Address<float>();
        FlatPass.Run(values.NumberOfElements, (from, to) => Step(value, gradient, velocity, from, to, rate, momentum, decay, nesterov));
        GC.KeepAlive(values);
        GC.KeepAlive(gradients);
        GC.KeepAlive(velocities);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step(
        float* value, float* gradient, float* velocity, long from, long to, float rate, float momentum, float decay, bool nesterov)
    {
        Vector<float> down = new(-rate), keep = new(momentum), shrink = new(decay);
        long i = from;
        for (; i <= to - Width; i += Width)
        {
            MemoryAhead.Fetch(value + i + MemoryAhead.Numbers);
            MemoryAhead.Fetch(gradient + i + MemoryAhead.Numbers);
            MemoryAhead.Fetch(velocity + i + MemoryAhead.Numbers);
            Vector<float> x = Vector.Load(value + i);
            Vector<float> g = Vector.FusedMultiplyAdd(shrink, x, Vector.Load(gradient + i));
            Vector<float> v = keep * Vector.Load(velocity + i) + g;
            v.Store(velocity + i);
            Vector.FusedMultiplyAdd(down, nesterov ? Vector.FusedMultiplyAdd(keep, v, g) : v, x).Store(value + i);
            Vector<float>.Zero.Store(gradient + i);
        }
        for (; i < to; i++)
        {
            float g = MathF.FusedMultiplyAdd(decay, value[i], gradient[i]);
            float v = velocity[i] = momentum * velocity[i] + g;
            value[i] = MathF.FusedMultiplyAdd(-rate, nesterov ? MathF.FusedMultiplyAdd(momentum, v, g) : v, value[i]);
            gradient[i] = 0;
        }
    }
}
