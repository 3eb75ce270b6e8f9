using System.Buffers.Binary;

namespace MoCo.Data;

/// <summary>The orientation tag of an EXIF block: which of the eight turns and mirrors makes the picture upright.</summary>
internal static class ExifOrientation
{
    /// <summary>Upright as it is.</summary>
    internal const int Upright = 1;

    private const int Tag = 0x0112;
    private const int Short = 3;
    private const int Long = 4;
    private const int EntryBytes = 12;

    /// <summary>Reads the tag of the first directory; whatever is not a well-formed block with a value of 1 … 8 counts as upright.</summary>
    /// <param name="tiff">The block, from its byte-order mark. Its offsets are not to be trusted.</param>
    internal static int Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return Upright;
        var little = tiff[0] == 'I' && tiff[1] == 'I';
        if ((!little && !(tiff[0] == 'M' && tiff[1] == 'M')) || UInt16(tiff[2..], little) != 42)
            return Upright;
        var directory = UInt32(tiff[4..], little);
        if (directory > (uint)tiff.Length - 2)
            return Upright;

        var entries = tiff[(int)directory..];
        var count = UInt16(entries, little);
        entries = entries[2..];
        for (var i = 0; i < count && entries.Length >= EntryBytes; i++, entries = entries[EntryBytes..])
        {
            if (UInt16(entries, little) != Tag)
                continue;
            var value = (UInt16(entries[2..], little), UInt32(entries[4..], little)) switch
            {
                (Short, 1) => UInt16(entries[8..], little),
                (Long, 1) => UInt32(entries[8..], little),
                _ => 0u,
            };
            return value is >= 1 and <= 8 ? (int)value : Upright;
        }

        return Upright;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
