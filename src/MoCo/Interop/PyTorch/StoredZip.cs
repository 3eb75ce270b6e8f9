using System.Text;

namespace MoCo.Interop.PyTorch;

/// <summary>The directory of a zip archive whose entries are stored as they are, as PyTorch's are: name → where the bytes lie. Reads
/// zip64; refuses whatever points out of the file, and the bytes of compressed or encrypted entries.</summary>
/// <remarks>Written by hand: ZipArchive tells no entry's offset, and a tensor is read where it lies.</remarks>
internal static class StoredZip
{
    private const int EndLength = 22, CommentLimit = 65535, DirectoryLimit = 64 << 20;

    public static IReadOnlyDictionary<string, StoredEntry> Read(DataFile file)
    {
        (long offset, long length, long count) = Directory(file);
        if (length > DirectoryLimit || offset < 0 || length < 0 || offset > file.Length - length)
            throw new FormatException($"its zip directory of {length} bytes at {offset} is not within the file");
        byte[] directory = new byte[length];
        file.Read(offset, directory);

        Dictionary<string, StoredEntry> entries = new(StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = directory;
        for (long i = 0; i < count; i++)
        {
            if (rest.Length < 46 || UInt32(rest, 0) != 0x02014b50)
                throw new FormatException($"its zip directory is damaged at entry {i} of {count}");
            int name = UInt16(rest, 28), extra = UInt16(rest, 30), comment = UInt16(rest, 32);
            if (rest.Length < 46 + name + extra + comment) throw new FormatException($"its zip directory ends within entry {i} of {count}");
            string title = Encoding.UTF8.GetString(rest.Slice(46, name));
            int method = UInt16(rest, 10);
            (long packed, long size, long header) = Sizes(rest, rest.Slice(46 + name, extra), title);
            string? refusal = (UInt16(rest, 8) & 1) != 0 ? "encrypted"
                : method != 0 ? $"compressed (method {method}); expected stored, as torch.save writes"
                : packed != size ? $"stored in {packed} bytes, but has {size}"
                : null;
            long data = refusal is null ? Data(file, header, size, title) : 0;
            if (!entries.TryAdd(title, new StoredEntry(data, size, refusal is null ? null : $"its zip entry '{title}' is {refusal}")))
                throw new FormatException($"its zip has the entry '{title}' twice");
            rest = rest[(46 + name + extra + comment)..];
        }
        return entries;
    }

    private static (long Offset, long Length, long Count) Directory(DataFile file)
    {
        byte[] tail = new byte[Math.Min(file.Length, EndLength + CommentLimit)];
        long start = file.Length - tail.Length;
        file.Read(start, tail);
        for (int i = tail.Length - EndLength; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            // Bytes may follow that belong to nobody, as PyTorch reads it.
            if (UInt32(end, 0) != 0x06054b50 || UInt16(end, 20) > end.Length - EndLength) continue;
            (long offset, long length, long count) = (UInt32(end, 16), UInt32(end, 12), UInt16(end, 10));
            bool wide = offset == uint.MaxValue || length == uint.MaxValue || count == ushort.MaxValue;
            return wide ? Directory64(file, start + i - 20) : (offset, length, count);
        }
        throw new FormatException("it ends without a zip directory (truncated, or no PyTorch file)");
    }

    private static (long Offset, long Length, long Count) Directory64(DataFile file, long locator)
    {
        Span<byte> pointer = stackalloc byte[20], end = stackalloc byte[56];
        if (locator < 0) throw new FormatException("its zip64 directory is missing");
        file.Read(locator, pointer);
        long at = Int64(pointer, 8);
        if (UInt32(pointer, 0) != 0x07064b50 || at < 0 || at > file.Length - end.Length)
            throw new FormatException("its zip64 directory is missing");
        file.Read(at, end);
        if (UInt32(end, 0) != 0x06064b50) throw new FormatException("its zip64 directory is damaged");
        return (Int64(end, 48), Int64(end, 40), Int64(end, 32));
    }

    /// <summary>Sizes and place of an entry; those that don't fit 32 bits stand in the zip64 field, in this order.</summary>
    private static (long Packed, long Size, long Header) Sizes(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra, string title)
    {
        long packed = UInt32(entry, 20), size = UInt32(entry, 24), header = UInt32(entry, 42);
        if (packed != uint.MaxValue && size != uint.MaxValue && header != uint.MaxValue) return (packed, size, header);
        while (extra.Length >= 4)
        {
            int length = UInt16(extra, 2);
            if (extra.Length < 4 + length) break;
            if (UInt16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> wide = extra.Slice(4, length);
                if (size == uint.MaxValue) size = Next(ref wide);
                if (packed == uint.MaxValue) packed = Next(ref wide);
                if (header == uint.MaxValue) header = Next(ref wide);
                return (packed, size, header);
            }
            extra = extra[(4 + length)..];
        }
        throw new FormatException($"its zip entry '{title}' lacks its zip64 sizes");

        long Next(ref ReadOnlySpan<byte> wide)
        {
            if (wide.Length < 8) throw new FormatException($"its zip entry '{title}' lacks its zip64 sizes");
            long value = Int64(wide, 0);
            wide = wide[8..];
            return value;
        }
    }

    /// <summary>Where an entry's bytes begin: its own header, of which only lengths are looked at, stands before them.</summary>
    private static long Data(DataFile file, long header, long size, string title)
    {
        Span<byte> local = stackalloc byte[30];
        if (header < 0 || header > file.Length - local.Length) throw new FormatException($"its zip entry '{title}' lies outside the file");
        file.Read(header, local);
        if (UInt32(local, 0) != 0x04034b50) throw new FormatException($"its zip entry '{title}' has no header of its own");
        long offset = header + local.Length + UInt16(local, 26) + UInt16(local, 28);
        if (size < 0 || offset > file.Length || size > file.Length - offset)
            throw new FormatException($"its zip entry '{title}' of {size} bytes at {offset} leaves the file of {file.Length}");
        return offset;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}

/// <summary>An entry of a zip archive.</summary>
/// <param name="Offset">Where its bytes lie in the file.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Refusal">Why they can't be taken as they lie, or null.</param>
internal sealed record StoredEntry(long Offset, long Length, string? Refusal);
