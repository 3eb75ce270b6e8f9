using System.Runtime.InteropServices;

namespace MoCo.Imaging.Jpeg;

/// <summary>The entry points of libturbojpeg's 2.x interface, which 3.x keeps, where the machine has the library.</summary>
internal sealed unsafe class TurboJpegLibrary
{
    internal const int PixelFormatRgb = 0;
    internal const int ColorspaceCmyk = 3;
    internal const int ColorspaceYcck = 4;

    /// <summary>More than 500 scans are an error.</summary>
    internal const int FlagLimitScans = 32768;

    /// <summary>What the library calls the code of an error after which there are pixels all the same.</summary>
    internal const int Warning = 0;

    internal readonly delegate* unmanaged<nint> InitDecompress;
    internal readonly delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int> DecompressHeader;
    internal readonly delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int> Decompress;
    internal readonly delegate* unmanaged<nint, nint> ErrorText;
    internal readonly delegate* unmanaged<nint, int> ErrorCode;
    internal readonly delegate* unmanaged<nint, int> Destroy;

    private TurboJpegLibrary(nint library)
    {
        InitDecompress = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "tjInitDecompress");
        DecompressHeader =
            (delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int>)NativeLibrary.GetExport(library, "tjDecompressHeader3");
        Decompress =
            (
                delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int,
                int>)NativeLibrary.GetExport(library, "tjDecompress2");
        ErrorText = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "tjGetErrorStr2");
        ErrorCode = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "tjGetErrorCode");
        Destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "tjDestroy");
    }

    /// <summary>The machine's library; null where it has none, or one too old (tjGetErrorCode came with 2.0).</summary>
    internal static TurboJpegLibrary? Instance { get; } = Load();

    private static TurboJpegLibrary? Load()
    {
        ReadOnlySpan<string> names = OperatingSystem.IsWindows() ? ["turbojpeg.dll", "libturbojpeg.dll"]
            : OperatingSystem.IsMacOS() ? [
                "libturbojpeg.0.dylib", "libturbojpeg.dylib",
                "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib", "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib"]
            : ["libturbojpeg.so.0", "libturbojpeg.so"];
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            try
            {
                return new TurboJpegLibrary(library);
            }
            catch (EntryPointNotFoundException)
            {
                NativeLibrary.Free(library);
            }
        }
        return null;
    }
}
