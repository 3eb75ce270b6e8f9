using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MoCo.Tensors;

/// <summary>Where a tensor's numbers lie on a CPU, for kernels over them.</summary>
internal static unsafe class TensorAddress
{
    /// <summary>The address of a contiguous CPU tensor's first number; valid as long as the tensor is kept alive.</summary>
    public static T* Address<T>(this Tensor tensor)
        where T : unmanaged
    {
        using Tensor row = tensor.narrow(0, 0, 1); // all of it may be more than a span holds
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row.bytes));
    }
}
