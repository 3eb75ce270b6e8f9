using System.Buffers.Binary;

namespace SixLabors.ImageSharp.Codecs;

/// <summary>Finds the orientation that a file's EXIF block gives; 1 where there is none.</summary>
/// <remarks>A TIFF's own orientation is no EXIF block's: ImageSharp keeps it with the frame, and AutoOrient does not see it.</remarks>
internal static class Exif
{
    private static ReadOnlySpan<byte> Name => "Exif\0\0"u8;

    internal static int Orientation(ReadOnlySpan<byte> file) => Codec.Detect(file) switch
    {
        PictureFormat.Jpeg => Read(InJpeg(file)),
        PictureFormat.Png => Read(InPng(file)),
        PictureFormat.Webp => Read(InWebp(file)),
        _ => 1,
    };

    private static ReadOnlySpan<byte> InJpeg(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != 0xDA;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length) break;
            var segment = file.Slice(at + 4, length - 2);
            if (file[at + 1] == 0xE1 && segment.StartsWith(Name)) return segment[Name.Length..];
            at += 2 + length;
        }

        return default;
    }

    private static ReadOnlySpan<byte> InPng(ReadOnlySpan<byte> file)
    {
        for (var at = 8; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > (uint)(file.Length - at - 12)) break;
            if (file.Slice(at + 4, 4).SequenceEqual("eXIf"u8)) return file.Slice(at + 8, (int)length);
            at += 12 + (int)length;
        }

        return default;
    }

    private static ReadOnlySpan<byte> InWebp(ReadOnlySpan<byte> file)
    {
        for (var at = 12; at + 8 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            if (length > (uint)(file.Length - at - 8)) break;
            if (file.Slice(at, 4).SequenceEqual("EXIF"u8))
            {
                var block = file.Slice(at + 8, (int)length);
                return block.StartsWith(Name) ? block[Name.Length..] : block;
            }

            at += 8 + (int)length + (int)(length & 1);
        }

        return default;
    }

    private static int Read(ReadOnlySpan<byte> block)
    {
        if (block.Length < 10) return 1;
        var little = block[0] == 'I';
        uint Short(ReadOnlySpan<byte> bytes) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        uint Long(ReadOnlySpan<byte> bytes) => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

        if (block[1] != block[0] || block[0] is not ((byte)'I' or (byte)'M') || Short(block[2..]) != 42) return 1;
        var directory = Long(block[4..]);
        if (directory > (uint)block.Length - 2) return 1;
        var entries = block[(int)directory..];
        var count = Short(entries);
        for (var (i, at) = (0, 2); i < count && at + 12 <= entries.Length; i++, at += 12)
        {
            var entry = entries.Slice(at, 12);
            if (Short(entry) != 0x0112) continue;
            var value = Short(entry[2..]) switch { 3 => Short(entry[8..]), 4 => Long(entry[8..]), _ => 1u };
            return value is >= 1 and <= 8 ? (int)value : 1;
        }

        return 1;
    }
}
