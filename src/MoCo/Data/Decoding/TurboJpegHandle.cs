using System.Runtime.InteropServices;

namespace MoCo.Data;

/// <summary>One decompressor of libturbojpeg and the memory that goes with it: one thread's at a time.</summary>
internal sealed unsafe class TurboJpegHandle : SafeHandle
{
    // A giant picture's memory is not kept: each thread would hold as much.
    private const int LargestKept = 64 << 20;

    private readonly TurboJpegLibrary library;
    private byte[] scratch = [];

    internal TurboJpegHandle(TurboJpegLibrary library)
        : base(0, ownsHandle: true)
    {
        this.library = library;
        SetHandle(library.InitDecompress());
        if (IsInvalid)
            throw new InvalidOperationException("libturbojpeg could not create a decompressor.");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Memory for pixels that are not yet in their final order.</summary>
    internal byte[] Scratch(int bytes)
    {
        if (scratch.Length >= bytes)
            return scratch;
        var memory = GC.AllocateUninitializedArray<byte>(bytes);
        if (bytes <= LargestKept)
            scratch = memory;
        return memory;
    }

    /// <summary>Reads the picture's size; false: the library refuses the file.</summary>
    internal bool TryReadHeader(byte* file, int length, out int width, out int height, out int colorspace)
    {
        int w = 0, h = 0, subsampling = 0, colors = 0;
        var status = library.DecompressHeader(handle, file, new CULong((uint)length), &w, &h, &subsampling, &colors);
        (width, height, colorspace) = (w, h, colors);
        return (status == 0 || library.ErrorCode(handle) == TurboJpegLibrary.Warning) && w > 0 && h > 0;
    }

    /// <summary>Decodes with the accurate inverse transform and smooth upsampling, as libjpeg and so PIL do by default.</summary>
    internal TurboJpegResult Decode(byte* file, int length, byte* pixels, int width, int height, int pixelFormat)
    {
        const int rowWithoutPadding = 0;
        var status = library.Decompress(handle, file, new CULong((uint)length), pixels, width, rowWithoutPadding, height, pixelFormat, TurboJpegLibrary.FlagLimitScans);
        return status == 0 ? TurboJpegResult.Clean
            : library.ErrorCode(handle) == TurboJpegLibrary.Warning ? TurboJpegResult.Warned
            : TurboJpegResult.Refused;
    }

    /// <summary>The last error or, of several warnings, the first.</summary>
    internal string Message() => Marshal.PtrToStringUTF8(library.ErrorText(handle)) ?? "unknown error";

    protected override bool ReleaseHandle() => library.Destroy(handle) == 0;
}
