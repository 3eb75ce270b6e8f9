using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SixLabors.ImageSharp.Codecs;

/// <summary>The entry points of libMoCoImageShim.so (see native/).</summary>
internal static unsafe partial class Shim
{
    private const string Library = "MoCoImageShim";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "A static constructor would cost every native call a check.")]
    internal static void ResolveBesideTheAssembly() => NativeLibrary.SetDllImportResolver(typeof(Shim).Assembly, Load);

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        string file = Path.Combine(Path.GetDirectoryName(assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory, $"lib{Library}.so");
        if (!File.Exists(file))
            throw new DllNotFoundException($"The native part of the ImageSharp stand-in is missing ({file}). Run `bash src/StandIns/setup.sh` and build again.");
        return NativeLibrary.Load(file);
    }

    internal static string LastError() => Marshal.PtrToStringUTF8(moco_image_error()) ?? "unknown error";

    [LibraryImport(Library)] private static partial nint moco_image_error();
    [LibraryImport(Library)] internal static partial int moco_image_size(int format, byte* data, long length, int* width, int* height);
    [LibraryImport(Library)] internal static partial int moco_image_decode(int format, byte* data, long length, int width, int height, byte* rgb);
    [LibraryImport(Library)] internal static partial int moco_image_encode_png(byte* rgb, int width, int height, byte** data, long* length);
    [LibraryImport(Library)] internal static partial int moco_image_encode_jpeg(byte* rgb, int width, int height, int quality, byte** data, long* length);
    [LibraryImport(Library)] internal static partial void moco_image_free(byte* memory);
}
