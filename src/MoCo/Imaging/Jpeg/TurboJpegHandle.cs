using System.Runtime.InteropServices;

namespace MoCo.Imaging.Jpeg;

/// <summary>One decompressor of libturbojpeg: one thread's at a time.</summary>
internal sealed unsafe class TurboJpegHandle : SafeHandle
{
    private readonly TurboJpegLibrary library;

    /// <summary>Without a decompressor yet.</summary>
    internal TurboJpegHandle(TurboJpegLibrary library)
        : base(0, ownsHandle: true) => this.library = library;

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a new decompressor in place of the one before.</summary>
    internal void Renew()
    {
        nint old = handle;
        SetHandle(library.InitDecompress());
        if (old != 0) library.Destroy(old);
        if (IsInvalid) throw new InvalidOperationException("libturbojpeg could not create a decompressor.");
    }

    /// <summary>Reads the image's size; false: the library refuses the file.</summary>
    internal bool TryReadHeader(ReadOnlySpan<byte> file, out int width, out int height, out int colorspace)
    {
        int w = 0, h = 0, subsampling = 0, colors = 0;
        int status;
        fixed (byte* bytes = file)
            status = library.DecompressHeader(handle, bytes, new CULong((uint)file.Length), &w, &h, &subsampling, &colors);
        (width, height, colorspace) = (w, h, colors);
        return (status == 0 || library.ErrorCode(handle) == TurboJpegLibrary.Warning) && w > 0 && h > 0;
    }

    /// <summary>Decodes with the accurate inverse transform and smooth upsampling, as libjpeg and so PIL do by default; for a smaller size
    /// than the image's to the largest of libjpeg's that fits it.</summary>
    internal TurboJpegResult Decode(ReadOnlySpan<byte> file, Span<byte> pixels, int width, int height)
    {
        const int rowWithoutPadding = 0;
        int status;
        fixed (byte* bytes = file, memory = pixels)
        {
            status = library.Decompress(
                handle, bytes, new CULong((uint)file.Length), memory, width, rowWithoutPadding, height,
                TurboJpegLibrary.PixelFormatRgb, TurboJpegLibrary.FlagLimitScans);
        }
        return status == 0 ? TurboJpegResult.Clean
            : library.ErrorCode(handle) == TurboJpegLibrary.Warning ? TurboJpegResult.Warned
            : TurboJpegResult.Refused;
    }

    /// <summary>The last error or, of several warnings, the first.</summary>
    internal string Message() => Marshal.PtrToStringUTF8(library.ErrorText(handle)) ?? "unknown error";

    protected override bool ReleaseHandle() => library.Destroy(handle) == 0;
}

/// <summary>How libturbojpeg ended.</summary>
internal enum TurboJpegResult
{
    /// <summary>Nothing to remark.</summary>
    Clean,

    /// <summary>There are pixels, and something was wrong with the file.</summary>
    Warned,

    /// <summary>No pixels.</summary>
    Refused,
}
