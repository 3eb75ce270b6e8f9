namespace MoCo.Data.Shards;

/// <summary>The fields of a tar header, a block of 512 bytes: name 0–99, size 124–135, checksum 148–155, type 156, magic 257–264, prefix
/// 345–499.</summary>
internal static class TarHeader
{
    internal const int BlockSize = 512;

    private const int NameLength = 100, SizeAt = 124, SizeLength = 12, ChecksumAt = 148, ChecksumLength = 8;
    private const int TypeAt = 156, MagicAt = 257, PrefixAt = 345, PrefixLength = 155;

    internal static byte Type(ReadOnlySpan<byte> header) => header[TypeAt];

    /// <summary>The name as far as the header holds it.</summary>
    internal static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> header) => Text(header[..NameLength]);

    /// <summary>What goes before the name, with a slash between; POSIX headers only, GNU's hold other things there.</summary>
    internal static ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> header) =>
        header[MagicAt..].StartsWith("ustar\0"u8) ? Text(header.Slice(PrefixAt, PrefixLength)) : [];

    internal static bool HasValidChecksum(ReadOnlySpan<byte> header)
    {
        // The field itself counts as spaces. Some old writers summed signed bytes.
        int sum = ChecksumLength * ' ', signed = sum;
        for (int i = 0; i < BlockSize; i++)
            if (i is < ChecksumAt or >= ChecksumAt + ChecksumLength) (sum, signed) = (sum + header[i], signed + (sbyte)header[i]);

        return TryOctal(header.Slice(ChecksumAt, ChecksumLength), out long written) && (written == sum || written == signed);
    }

    /// <summary>The size: octal digits, or from 8 GiB on a big-endian number behind a set first bit.</summary>
    internal static bool TrySize(ReadOnlySpan<byte> header, out long size)
    {
        ReadOnlySpan<byte> field = header.Slice(SizeAt, SizeLength);
        if (field[0] < 0x80) return TryOctal(field, out size);
        size = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        return field[0] == 0x80 && !field[1..^8].ContainsAnyExcept((byte)0) && size >= 0;
    }

    /// <summary>What a file is by its first block that begins like compressed data; null for any other. A tar file may begin with any
    /// name.</summary>
    internal static string? Compression(ReadOnlySpan<byte> start) => start switch
    {
        { Length: BlockSize } when HasValidChecksum(start) => null,
        [0x1F, 0x8B, ..] => "gzip",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd",
        [0x42, 0x5A, 0x68, ..] => "bzip2",
        [0xFD, 0x37, 0x7A, 0x58, ..] => "xz",
        [0x50, 0x4B, ..] => "zip",
        _ => null,
    };

    /// <summary>Whether another block with the map of a sparse file follows one of GNU's old form, the header or such a block.</summary>
    internal static bool HasMoreOfMap(ReadOnlySpan<byte> block, bool isHeader) => block[isHeader ? 482 : 504] != 0;

    private static bool TryOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7') return false;
            value = (value << 3) + (digit - '0');
        }
        return digits.Length > 0;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
