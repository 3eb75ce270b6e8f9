using System.Runtime.InteropServices;
using System.Text;

namespace MoCo.Tensors.Cuda;

/// <summary>CUDA's run-time compiler (NVRTC), which libtorch brings for its own kernels.</summary>
/// <remarks>Signatures as in nvrtc.h 11.1 and later. Each gives a status, 0 for success.</remarks>
internal sealed unsafe class CudaCompiler
{
    private readonly delegate* unmanaged[Cdecl]<nint*, byte*, byte*, int, nint, nint, int> create;
    private readonly delegate* unmanaged[Cdecl]<nint, int, byte**, int> compile;
    private readonly delegate* unmanaged[Cdecl]<nint, nuint*, int> logSize;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, int> log;
    private readonly delegate* unmanaged[Cdecl]<nint, nuint*, int> codeSize;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, int> code;
    private readonly delegate* unmanaged[Cdecl]<nint*, int> destroy;

    private CudaCompiler(nint library)
    {
        create = (delegate* unmanaged[Cdecl]<nint*, byte*, byte*, int, nint, nint, int>)Function("nvrtcCreateProgram");
        compile = (delegate* unmanaged[Cdecl]<nint, int, byte**, int>)Function("nvrtcCompileProgram");
        logSize = (delegate* unmanaged[Cdecl]<nint, nuint*, int>)Function("nvrtcGetProgramLogSize");
        log = (delegate* unmanaged[Cdecl]<nint, byte*, int>)Function("nvrtcGetProgramLog");
        codeSize = (delegate* unmanaged[Cdecl]<nint, nuint*, int>)Function("nvrtcGetCUBINSize");
        code = (delegate* unmanaged[Cdecl]<nint, byte*, int>)Function("nvrtcGetCUBIN");
        destroy = (delegate* unmanaged[Cdecl]<nint*, int>)Function("nvrtcDestroyProgram");

        nint Function(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address
            : throw new NotSupportedException($"CUDA's compiler has no {name}; expected that of CUDA 11.1 or later.");
    }

    /// <summary>Finds it: what libtorch is linked to, else the system's.</summary>
    /// <exception cref="NotSupportedException">It is nowhere.</exception>
    public static CudaCompiler Load()
    {
        string[] files = [.. BesideLibtorch("libcaffe2_nvrtc.so"), "libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12"];
        foreach (string file in files)
        {
            // The first brings the compiler as what it is linked to.
            if (NativeLibrary.TryLoad(file, out nint library) && NativeLibrary.TryGetExport(library, "nvrtcCompileProgram", out _))
                return new CudaCompiler(library);
        }
        throw new NotSupportedException($"CUDA's run-time compiler is not to be found: tried {string.Join(", ", files)}.");
    }

    /// <summary>Compiles a source to machine code.</summary>
    /// <param name="source">CUDA C++, without includes.</param>
    /// <param name="options">The compiler's, such as --gpu-architecture=sm_90.</param>
    /// <exception cref="NotSupportedException">It does not compile; the message has the compiler's words.</exception>
    public byte[] Compile(string source, IReadOnlyList<string> options)
    {
        nint program = 0;
        byte** arguments = stackalloc byte*[options.Count];
        try
        {
            fixed (byte* text = Text(source)) Check(create(&program, text, null, 0, 0, 0), 0);
            for (int i = 0; i < options.Count; i++) arguments[i] = (byte*)Marshal.StringToCoTaskMemUTF8(options[i]);
            Check(compile(program, options.Count, arguments), program);
            nuint size = 0;
            Check(codeSize(program, &size), program);
            byte[] made = new byte[size];
            fixed (byte* place = made) Check(code(program, place), program);
            return made;
        }
        finally
        {
            for (int i = 0; i < options.Count; i++) Marshal.FreeCoTaskMem((nint)arguments[i]);
            if (program != 0) _ = destroy(&program);
        }
    }

    private void Check(int status, nint program)
    {
        if (status == 0) return;
        nuint size = 0;
        string words = "";
        if (program != 0 && logSize(program, &size) == 0)
        {
            byte[] text = new byte[size];
            fixed (byte* place = text) _ = log(program, place);
            words = ": " + Encoding.UTF8.GetString(text).TrimEnd('\0', '\n');
        }
        throw new NotSupportedException(Invariant($"CUDA's run-time compiler gives error {status}{words}"));
    }

    private static byte[] Text(string words) => Encoding.UTF8.GetBytes(words + '\0');

    private static string[] BesideLibtorch(string file)
    {
        const string Maps = "/proc/self/maps";
        try
        {
            return [.. File.ReadLines(Maps)
                .Select(line => line[(line.IndexOf('/') is >= 0 and int start ? start : line.Length)..])
                .Where(path => path.EndsWith("/libtorch_cuda.so", StringComparison.Ordinal))
                .Take(1)
                .Select(path => Path.Combine(Path.GetDirectoryName(path)!, file))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // a sandbox that hides it: the loader's own places are left
        }
    }
}
