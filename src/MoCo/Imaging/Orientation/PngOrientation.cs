using System.Buffers.Binary;

namespace MoCo.Imaging.Orientation;

/// <summary>The orientation in a PNG's eXIf chunk.</summary>
internal static class PngOrientation
{
    private const int Signature = 8;
    private const int LengthAndName = 8;
    private const int Checksum = 4;

    internal static int Read(ReadOnlySpan<byte> file)
    {
        for (ReadOnlySpan<byte> rest = file[Signature..]; rest.Length >= LengthAndName;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - LengthAndName || rest[4..].StartsWith("IEND"u8))
                break;
            if (rest[4..].StartsWith("eXIf"u8))
                return ExifOrientation.Read(rest.Slice(LengthAndName, (int)length));
            rest = rest[(int)Math.Min(rest.Length, LengthAndName + length + Checksum)..];
        }

        return ExifOrientation.Upright;
    }
}
