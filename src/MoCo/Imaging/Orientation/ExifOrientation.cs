using MoCo.Imaging.Tiff;

namespace MoCo.Imaging.Orientation;

/// <summary>The orientation tag of an EXIF block or a TIFF: which of the eight turns and mirrors makes the image upright.</summary>
internal static class ExifOrientation
{
    /// <summary>Upright as it is.</summary>
    internal const int Upright = 1;

    private const int Tag = 0x0112;

    /// <summary>Reads the tag of the first directory; whatever is not a well-formed block with a value of 1 … 8 counts as
    /// upright.</summary>
    /// <param name="tiff">The block, from its byte-order mark. Its offsets are not to be trusted.</param>
    internal static int Read(ReadOnlySpan<byte> tiff)
    {
        if (!TiffDirectory.TryOpen(tiff, out TiffDirectory directory)) return Upright;
        return directory.SingleOrZero(Tag) is >= 1 and <= 8 and ulong value ? (int)value : Upright;
    }
}
