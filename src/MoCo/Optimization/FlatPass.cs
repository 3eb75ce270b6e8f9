using MoCo.Tensors;

namespace MoCo.Optimization;

/// <summary>What the kernels over flat float32 parameters on a CPU share.</summary>
internal static class FlatPass
{
    /// <summary>Whether all lie so that a kernel can pass over them.</summary>
    public static bool Fit(params ReadOnlySpan<Tensor> tensors)
    {
        if (!TorchThreads.AreKnown) return false;
        foreach (Tensor tensor in tensors)
            if (tensor.device_type != DeviceType.CPU || tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous()) return false;
        return tensors[0].NumberOfElements > 0;
    }

    /// <summary>Does a work on libtorch's threads, each from one number to below another.</summary>
    public static void Run(long count, Action<long, long> work)
    {
        const int Least = 1 << 14, Unit = 64;
        int parts = (int)Math.Clamp(count / Least, 1, get_num_threads());
        TorchThreads.Run(parts, part => work(Bound(part), Bound(part + 1)));

        long Bound(int part) => part == parts ? count : count * part / parts / Unit * Unit;
    }
}
