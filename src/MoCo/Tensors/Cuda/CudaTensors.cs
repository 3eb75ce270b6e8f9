using System.Runtime.InteropServices;

namespace MoCo.Tensors.Cuda;

/// <summary>What TorchSharp does not show of tensors on a GPU.</summary>
/// <remarks>By the C functions that libtorch has for models compiled ahead of time (aoti_torch_…), part of its stable interface.</remarks>
internal static unsafe class CudaTensors
{
    private static readonly delegate* unmanaged[Cdecl]<nint, nint*, int> DataPointer
        = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("libtorch_cpu.so", "aoti_torch_get_data_ptr");

    private static readonly delegate* unmanaged[Cdecl]<int, nint*, int> Stream
        = (delegate* unmanaged[Cdecl]<int, nint*, int>)Function("libtorch_cuda.so", "aoti_torch_get_current_cuda_stream");

    /// <summary>Whether both functions are there.</summary>
    public static bool AreKnown => DataPointer != null && Stream != null;

    /// <summary>Where a tensor's numbers begin, on the device that it is on.</summary>
    /// <exception cref="NotSupportedException">libtorch does not tell.</exception>
    public static nint Address(Tensor tensor)
    {
        nint address = 0;
        if (DataPointer == null || DataPointer(tensor.Handle, &address) != 0)
            throw new NotSupportedException($"libtorch does not tell where a tensor on {tensor.device} lies (aoti_torch_get_data_ptr).");
        return address;
    }

    /// <summary>The stream that libtorch works in on a GPU.</summary>
    /// <exception cref="NotSupportedException">libtorch does not tell.</exception>
    public static nint CurrentStream(int gpu)
    {
        nint stream = 0;
        if (Stream == null || Stream(gpu, &stream) != 0)
            throw new NotSupportedException(
                Invariant($"libtorch does not tell its stream on cuda:{gpu} (aoti_torch_get_current_cuda_stream)."));
        return stream;
    }

    private static nint Function(string library, string name)
        => OperatingSystem.IsLinux() && TensorMemory.Loaded(library) is not 0 and nint file
            && NativeLibrary.TryGetExport(file, name, out nint address) ? address : 0;
}
