using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MoCo.Tensors.Cuda;

/// <summary>Kernels of one source, compiled for one GPU and loaded there for as long as the process lives.</summary>
/// <remarks>Signatures as in cuda.h. Each function gives a status, 0 for success.</remarks>
internal sealed unsafe class CudaProgram
{
    private const int Multiprocessors = 16, Major = 75, Minor = 76; // CUdevice_attribute

    private static readonly Lazy<nint> Driver = new(()
        => NativeLibrary.TryLoad("libcuda.so.1", out nint library) ? library
            : throw new NotSupportedException("CUDA's driver, libcuda.so.1, cannot be loaded."));

    private static readonly Lazy<CudaCompiler> Compiler = new(CudaCompiler.Load);

    private readonly int gpu;
    private readonly nint context;
    private readonly nint module;
    private readonly ConcurrentDictionary<string, nint> kernels = new();
    private readonly delegate* unmanaged[Cdecl]<nint*, int> currentContext;
    private readonly delegate* unmanaged[Cdecl]<nint, int> pushContext;
    private readonly delegate* unmanaged[Cdecl]<nint*, int> popContext;
    private readonly delegate* unmanaged[Cdecl]<nint*, nint, byte*, int> find;
    private readonly delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> launch;

    /// <summary>Compiles and loads.</summary>
    /// <param name="source">CUDA C++, without includes; kernels are extern "C".</param>
    /// <param name="gpu">The GPU's number.</param>
    /// <param name="options">More of the compiler's options.</param>
    /// <exception cref="NotSupportedException">A library is missing, or the source cannot be compiled for this GPU.</exception>
    public CudaProgram(string source, int gpu, params ReadOnlySpan<string> options)
    {
        this.gpu = gpu;
        currentContext = (delegate* unmanaged[Cdecl]<nint*, int>)Function("cuCtxGetCurrent");
        pushContext = (delegate* unmanaged[Cdecl]<nint, int>)Function("cuCtxPushCurrent_v2");
        popContext = (delegate* unmanaged[Cdecl]<nint*, int>)Function("cuCtxPopCurrent_v2");
        find = (delegate* unmanaged[Cdecl]<nint*, nint, byte*, int>)Function("cuModuleGetFunction");
        launch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)
            Function("cuLaunchKernel");

        Check(((delegate* unmanaged[Cdecl]<uint, int>)Function("cuInit"))(0), "the driver");
        // The context that libtorch works in.
        nint primary = 0, loaded = 0;
        Check(((delegate* unmanaged[Cdecl]<nint*, int, int>)Function("cuDevicePrimaryCtxRetain"))(&primary, gpu), "the GPU");
        context = primary;
        Processors = Attribute(Multiprocessors);
        byte[] code = Compiler.Value.Compile(
            source, [Invariant($"--gpu-architecture=sm_{Attribute(Major)}{Attribute(Minor)}"), "--std=c++17", .. options]);
        Check(pushContext(context), "the context");
        int status;
        fixed (byte* image = code)
            status = ((delegate* unmanaged[Cdecl]<nint*, byte*, int>)Function("cuModuleLoadData"))(&loaded, image);
        _ = popContext(&primary);
        Check(status, "loading kernels");
        module = loaded;
    }

    /// <summary>The GPU's multiprocessors.</summary>
    public int Processors { get; }

    /// <summary>Starts a kernel behind what libtorch's current stream has been given.</summary>
    /// <param name="kernel">Its name.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Shared memory of a block.</param>
    /// <param name="first">The first argument, a struct as the kernel has it.</param>
    /// <param name="others">The other arguments: addresses, numbers, or the bits of doubles.</param>
    /// <exception cref="InvalidOperationException">The GPU refuses.</exception>
    public void Launch<T>(string kernel, (int X, int Y, int Z) grid, (int X, int Y) block, int sharedBytes, T first,
        params ReadOnlySpan<long> others)
        where T : unmanaged
    {
        nint function = kernels.GetOrAdd(kernel, Find);
        nint stream = CudaTensors.CurrentStream(gpu);
        fixed (long* numbers = others)
        {
            void** arguments = stackalloc void*[1 + others.Length];
            arguments[0] = &first;
            for (int i = 0; i < others.Length; i++) arguments[1 + i] = numbers + i;
            nint current = 0;
            bool isElsewhere = currentContext(&current) == 0 && current != context;
            if (isElsewhere) Check(pushContext(context), kernel);
            int status = launch(function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, 1,
                (uint)sharedBytes, stream, arguments, null);
            if (isElsewhere) _ = popContext(&current);
            Check(status, kernel);
        }
    }

    private nint Find(string kernel)
    {
        nint function = 0, popped = 0, name = Marshal.StringToCoTaskMemUTF8(kernel);
        Check(pushContext(context), kernel);
        int status = find(&function, module, (byte*)name);
        _ = popContext(&popped);
        Marshal.FreeCoTaskMem(name);
        Check(status, kernel);
        return function;
    }

    private int Attribute(int which)
    {
        int value = 0;
        Check(((delegate* unmanaged[Cdecl]<int*, int, int, int>)Function("cuDeviceGetAttribute"))(&value, which, gpu), "an attribute");
        return value;
    }

    private void Check(int status, string what)
    {
        if (status == 0) return;
        nint text = 0;
        _ = ((delegate* unmanaged[Cdecl]<int, nint*, int>)Function("cuGetErrorString"))(status, &text);
        throw new InvalidOperationException(
            Invariant($"cuda:{gpu}, {what}: {Marshal.PtrToStringUTF8(text) ?? "unknown error"} (error {status})."));
    }

    private static nint Function(string name) => NativeLibrary.TryGetExport(Driver.Value, name, out nint address) ? address
        : throw new NotSupportedException($"CUDA's driver has no {name}.");
}
