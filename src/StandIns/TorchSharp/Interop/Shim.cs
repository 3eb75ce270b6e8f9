using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The entry points of libMoCoTorchShim.so (see native/).</summary>
internal static unsafe partial class Shim
{
    private const string Library = "MoCoTorchShim";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "A static constructor would cost every native call a check.")]
    internal static void ResolveBesideTheAssembly() => NativeLibrary.SetDllImportResolver(typeof(Shim).Assembly, Load);

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        string file = Path.Combine(Path.GetDirectoryName(assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory, $"lib{Library}.so");
        if (!File.Exists(file))
            throw new DllNotFoundException($"The native part of the TorchSharp stand-in is missing ({file}). Run `bash src/StandIns/setup.sh` and build again.");
        // libtorch's OpenMP threads spin for a while after each parallel region and so take the cores from OpenBLAS's own
        // threads: on two cores that made InfoNCE ten times slower. Both must be told before they are loaded.
        Prefer("OMP_WAIT_POLICY", "passive");
        Prefer("OPENBLAS_THREAD_TIMEOUT", "14");
        return NativeLibrary.Load(file);
    }

    /// <summary>Sets a variable of the process's native environment unless the user has.</summary>
    private static void Prefer(string name, string value)
    {
        if (OperatingSystem.IsLinux()) setenv(name, value, overwrite: 0);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    /// <summary>Throws what the real package throws when libtorch reports an error on this thread.</summary>
    internal static void ThrowLastError()
    {
        string message = Marshal.PtrToStringUTF8(moco_last_error());
        if (message is not null) throw new ExternalException(message);
    }

    internal static void Check(int status)
    {
        if (status < 0) ThrowLastError();
    }

    /// <summary>A Boolean from native code, where a negative number reports an error.</summary>
    internal static bool IsTrue(int answer)
    {
        Check(answer);
        return answer != 0;
    }

    [LibraryImport(Library)] internal static partial nint moco_last_error();
    [LibraryImport(Library)] internal static partial nint moco_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint moco_operator_find(string name, string overload);
    [LibraryImport(Library)]
    internal static partial long moco_operator_call(nint handle, NativeValue* arguments, long count, NativeValue* results, long capacity);
    [LibraryImport(Library)] internal static partial void moco_take_results(NativeValue* results);

    [LibraryImport(Library)] internal static partial void moco_tensor_free(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial nint moco_tensor_alias(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long moco_tensor_dim(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long moco_tensor_numel(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long moco_tensor_itemsize(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int moco_tensor_dtype(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int moco_tensor_layout(nint handle);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long moco_tensor_device(nint handle);
    [LibraryImport(Library)] internal static partial long moco_tensor_storage_offset(nint handle);
    [LibraryImport(Library)] internal static partial int moco_tensor_sizes(nint handle, long* sizes);
    [LibraryImport(Library)] internal static partial int moco_tensor_strides(nint handle, long* strides);
    [LibraryImport(Library)] internal static partial int moco_tensor_is_contiguous(nint handle, int format);
    [LibraryImport(Library)] internal static partial nint moco_tensor_data(nint handle);
    [LibraryImport(Library)]
    internal static partial nint moco_tensor_from_blob(void* data, long* sizes, long dimensions, int dtype, delegate* unmanaged<nint, void> released, nint context);

    [LibraryImport(Library)]
    internal static partial int moco_backward(nint* outputs, long outputCount, nint* gradients, long gradientCount, int retainGraph, int createGraph, nint* inputs, long inputCount);
    [LibraryImport(Library)]
    internal static partial int moco_grad(nint* outputs, long outputCount, nint* inputs, long inputCount, nint* gradients, long gradientCount, int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library)] internal static partial int moco_grad_mode();
    [LibraryImport(Library)] internal static partial void moco_grad_mode_set(int enabled);
    [LibraryImport(Library)] internal static partial int moco_inference_mode();
    [LibraryImport(Library)] internal static partial nint moco_inference_mode_enter(int enabled);
    [LibraryImport(Library)] internal static partial void moco_inference_mode_leave(nint guard);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int moco_tensor_requires_grad(nint handle);
    [LibraryImport(Library)] internal static partial int moco_tensor_set_requires_grad(nint handle, int value);
    [LibraryImport(Library)] internal static partial int moco_tensor_is_leaf(nint handle);
    [LibraryImport(Library)] internal static partial int moco_tensor_retain_grad(nint handle);
    [LibraryImport(Library)] internal static partial nint moco_tensor_grad(nint handle);
    [LibraryImport(Library)] internal static partial int moco_tensor_set_grad(nint handle, nint gradient);

    [LibraryImport(Library)] internal static partial nint moco_generator_new(ulong seed, long device);
    [LibraryImport(Library)] internal static partial nint moco_generator_default();
    [LibraryImport(Library)] internal static partial void moco_generator_free(nint handle);
    [LibraryImport(Library)] internal static partial long moco_generator_device(nint handle);
    [LibraryImport(Library)] internal static partial long moco_generator_initial_seed(nint handle);
    [LibraryImport(Library)] internal static partial int moco_generator_set_seed(nint handle, long seed);
    [LibraryImport(Library)] internal static partial nint moco_generator_state(nint handle);
    [LibraryImport(Library)] internal static partial int moco_generator_set_state(nint handle, nint state);
    [LibraryImport(Library)] internal static partial int moco_manual_seed(long seed);

    [LibraryImport(Library)] internal static partial int moco_cuda_is_available();
    [LibraryImport(Library)] internal static partial int moco_cuda_device_count();
    [LibraryImport(Library)] internal static partial int moco_cudnn_is_available();
    [LibraryImport(Library)] internal static partial int moco_cuda_manual_seed(long seed, int all);
    [LibraryImport(Library)] internal static partial int moco_cuda_synchronize(long deviceIndex);

    [LibraryImport(Library)] internal static partial int moco_get_num_threads();
    [LibraryImport(Library)] internal static partial int moco_set_num_threads(int threads);
    [LibraryImport(Library)] internal static partial int moco_get_num_interop_threads();
    [LibraryImport(Library)] internal static partial int moco_set_num_interop_threads(int threads);
    [LibraryImport(Library)] internal static partial int moco_allow_tf32_matmul();
    [LibraryImport(Library)] internal static partial int moco_allow_tf32_matmul_set(int allow);
    [LibraryImport(Library)] internal static partial int moco_allow_tf32_cudnn();
    [LibraryImport(Library)] internal static partial int moco_allow_tf32_cudnn_set(int allow);
}
