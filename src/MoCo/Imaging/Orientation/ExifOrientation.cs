using MoCo.Imaging.Tiff;

namespace MoCo.Imaging.Orientation;

/// <summary>The orientation tag of an EXIF block or a TIFF: which of the eight turns and mirrors makes the image upright.</summary>
internal static class ExifOrientation
{
    /// <summary>Upright as it is.</summary>
    internal const int Upright = 1;

    private const int Tag = 0x0112, PngSignature = 8, LengthAndName = 8, Checksum = 4;

    /// <summary>Reads the tag of the first directory; whatever is not a well-formed block with a value of 1 … 8 counts as
    /// upright.</summary>
    /// <param name="tiff">The block, from its byte-order mark. Its offsets are not to be trusted.</param>
    internal static int Read(ReadOnlySpan<byte> tiff)
    {
        if (!TiffDirectory.TryOpen(tiff, out TiffDirectory directory)) return Upright;
        return directory.SingleOrZero(Tag) is >= 1 and <= 8 and ulong value ? (int)value : Upright;
    }

    /// <summary>The orientation in a PNG's eXIf chunk.</summary>
    internal static int ReadPng(ReadOnlySpan<byte> file)
    {
        for (ReadOnlySpan<byte> rest = file[PngSignature..]; rest.Length >= LengthAndName;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - LengthAndName || rest[4..].StartsWith("IEND"u8)) break;
            if (rest[4..].StartsWith("eXIf"u8)) return Read(rest.Slice(LengthAndName, (int)length));
            rest = rest[(int)Math.Min(rest.Length, LengthAndName + length + Checksum)..];
        }
        return Upright;
    }
}
