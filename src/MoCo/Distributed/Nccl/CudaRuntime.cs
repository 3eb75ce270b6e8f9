using System.Runtime.InteropServices;

namespace MoCo.Distributed.Nccl;

/// <summary>What TorchSharp does not show of the CUDA that libtorch runs on: the current stream and events.</summary>
internal sealed unsafe class CudaRuntime
{
    /// <summary>The library of libtorch that its runtime is linked to.</summary>
    public const string Torch = "libtorch_cuda.so";

    private const int NotReady = 600; // cudaErrorNotReady
    private const uint DisableTiming = 2; // cudaEventDisableTiming

    private readonly delegate* unmanaged[Cdecl]<int, int> setDevice;
    private readonly delegate* unmanaged[Cdecl]<nint*, uint, int> eventCreate;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int> eventRecord;
    private readonly delegate* unmanaged[Cdecl]<nint, int> eventQuery;
    private readonly delegate* unmanaged[Cdecl]<nint, int> eventDestroy;
    private readonly delegate* unmanaged[Cdecl]<int, nint> errorString;
    private readonly delegate* unmanaged[Cdecl]<int, nint*, int> currentStream;

    /// <param name="file">Where the functions are from.</param>
    /// <param name="find">A function's address, 0 where there is none.</param>
    internal CudaRuntime(string file, Func<string, nint> find)
    {
        setDevice = (delegate* unmanaged[Cdecl]<int, int>)Function("cudaSetDevice");
        eventCreate = (delegate* unmanaged[Cdecl]<nint*, uint, int>)Function("cudaEventCreateWithFlags");
        eventRecord = (delegate* unmanaged[Cdecl]<nint, nint, int>)Function("cudaEventRecord");
        eventQuery = (delegate* unmanaged[Cdecl]<nint, int>)Function("cudaEventQuery");
        eventDestroy = (delegate* unmanaged[Cdecl]<nint, int>)Function("cudaEventDestroy");
        errorString = (delegate* unmanaged[Cdecl]<int, nint>)Function("cudaGetErrorString");
        currentStream = (delegate* unmanaged[Cdecl]<int, nint*, int>)find("aoti_torch_get_current_cuda_stream");

        nint Function(string name) => find(name) is not 0 and nint address ? address
            : throw new ProcessGroupException($"{file} has no {name}; expected the runtime of CUDA 11 or later.");
    }

    /// <summary>Finds the functions: the runtime that libtorch is linked to, whatever its file is called, else the system's.</summary>
    /// <exception cref="ProcessGroupException">They are nowhere.</exception>
    public static CudaRuntime Load()
    {
        (nint library, string file) = SharedObject.First("cudaEventRecord", [Torch, "libcudart.so.12", "libcudart.so.13"],
            "CUDA's runtime is not to be found", "Install the runtime of this libtorch's CUDA (libcudart).");
        nint torch = SharedObject.Find(Torch);
        return new CudaRuntime(file, name => SharedObject.Function(library, name) is not 0 and nint address ? address
            : SharedObject.Function(torch, name));
    }

    /// <summary>Makes a GPU the current one of this thread.</summary>
    public void SetDevice(int gpu)
    {
        int code = setDevice(gpu);
        if (code != 0)
            throw new ProcessGroupException(
                $"cuda:{gpu} cannot be used: {Marshal.PtrToStringUTF8(errorString(code)) ?? Invariant($"error {code}")}.");
    }

    /// <summary>The stream that libtorch works in on a GPU; the default stream where it does not tell.</summary>
    public nint CurrentStream(int gpu)
    {
        nint stream = 0;
        return currentStream != null && currentStream(gpu, &stream) == 0 ? stream : 0;
    }

    /// <summary>Marks the end of what a stream of the current GPU has been given so far.</summary>
    /// <returns>Tells, on any thread, whether the GPU has come there; not to be asked again once it has. Null where the GPU has failed,
    /// which its next operation tells.</returns>
    public Func<bool>? Mark(int gpu, nint stream)
    {
        nint made = 0;
        if (eventCreate(&made, DisableTiming) != 0) return null;
        nint mark = made;
        if (eventRecord(mark, stream) == 0) return () => Passed(gpu, mark);
        _ = eventDestroy(mark);
        return null;
    }

    // Without a current GPU the thread would take the first one, and fill memory there.
    private bool Passed(int gpu, nint mark)
    {
        if (setDevice(gpu) == 0 && eventQuery(mark) == NotReady) return false;
        _ = eventDestroy(mark);
        return true;
    }
}
