namespace MoCo.Data;

/// <summary>Decodes JPEGs by libturbojpeg and hands everything else, and what that refuses, to another decoder.</summary>
/// <remarks>The pixels are PIL's: both leave libjpeg's accurate transform and smooth upsampling at their defaults.</remarks>
internal sealed unsafe class TurboJpegDecoder : IImageDecoder
{
    private readonly TurboJpegLibrary library;
    private readonly IImageDecoder others;
    private readonly PixelLimit limit;
    private readonly Stack<TurboJpegHandle> idle = new();

    /// <param name="library">The machine's libturbojpeg.</param>
    /// <param name="others">Takes what is no JPEG, and JPEGs that libturbojpeg does not know (12 bits, arithmetic coding, lossless).</param>
    /// <param name="limit">What a file may ask for.</param>
    internal TurboJpegDecoder(TurboJpegLibrary library, IImageDecoder others, PixelLimit limit) =>
        (this.library, this.others, this.limit) = (library, others, limit);

    public void Decode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (!JpegSegments.AreIn(file) || !TryDecode(file, into))
            others.Decode(file, into);
    }

    private bool TryDecode(ReadOnlySpan<byte> file, ImageBuffer into)
    {
        var handle = Rent();
        var decoded = false;
        try
        {
            return decoded = TryDecode(handle, file, into);
        }
        finally
        {
            // A file that fails in its header leaves the decompressor in the middle of it, so that it would fail with the next, too.
            if (decoded)
                Return(handle);
            else
                handle.Dispose();
        }
    }

    private bool TryDecode(TurboJpegHandle handle, ReadOnlySpan<byte> file, ImageBuffer into)
    {
        fixed (byte* bytes = file)
        {
            if (!handle.TryReadHeader(bytes, file.Length, out var width, out var height, out var colorspace))
                return false;
            var segments = JpegSegments.Read(file);
            limit.Check(width, height, file.Length, segments.Scans);

            var inks = colorspace is TurboJpegLibrary.ColorspaceCmyk or TurboJpegLibrary.ColorspaceYcck;
            if (inks || segments.Orientation != ExifOrientation.Upright)
                return TryDecodeAside(handle, file, width, height, inks, segments, into);

            into.Resize(width, height, 3);
            fixed (byte* pixels = into.Pixels)
                return Accept(handle.Decode(bytes, file.Length, pixels, width, height, TurboJpegLibrary.PixelFormatRgb), handle, segments);
        }
    }

    private static bool TryDecodeAside(TurboJpegHandle handle, ReadOnlySpan<byte> file, int width, int height, bool inks, JpegSegments segments, ImageBuffer into)
    {
        var scratch = handle.Scratch(width * height * (inks ? 4 : 3)).AsSpan(0, width * height * (inks ? 4 : 3));
        fixed (byte* bytes = file)
        fixed (byte* pixels = scratch)
        {
            if (!Accept(handle.Decode(bytes, file.Length, pixels, width, height, inks ? TurboJpegLibrary.PixelFormatCmyk : TurboJpegLibrary.PixelFormatRgb), handle, segments))
                return false;
        }

        if (inks)
            CmykPixels.ToRgb(scratch);
        Turn.Apply(scratch, width, height, segments.Orientation, into);
        return true;
    }

    /// <summary>Sorts warnings into those that cost no pixels, which PIL does not mention either, and damage.</summary>
    /// <remarks>The library tells the first warning only: damage after a harmless one shows in the missing end at least.</remarks>
    private static bool Accept(TurboJpegResult result, TurboJpegHandle handle, JpegSegments segments)
    {
        if (result == TurboJpegResult.Clean)
            return true;
        if (result == TurboJpegResult.Refused)
            return false;
        var message = handle.Message();
        if (IsDamage(message))
            throw new InvalidDataException($"The JPEG is damaged: {message}.");
        if (!segments.IsComplete)
            throw new InvalidDataException($"The JPEG is truncated: it has no end ({message}).");
        return true;
    }

    private static bool IsDamage(string message) =>
        message.Contains("remature end", StringComparison.Ordinal)
        || (message.Contains("Corrupt JPEG data", StringComparison.Ordinal) && !message.Contains("extraneous bytes", StringComparison.Ordinal));

    private TurboJpegHandle Rent()
    {
        lock (idle)
        {
            if (idle.TryPop(out var handle))
                return handle;
        }

        return new TurboJpegHandle(library);
    }

    private void Return(TurboJpegHandle handle)
    {
        lock (idle)
            idle.Push(handle);
    }
}
