using System.Text;

namespace MoCo.Files;

/// <summary>The directory of a zip archive: what its entries are called and where they lie. Reads zip64, and refuses whatever points out of
/// the file.</summary>
/// <remarks>Written by hand: ZipArchive tells no entry's place, and is one thread's at a time.</remarks>
internal static class ZipDirectory
{
    private const int EndLength = 22, CommentLimit = 65535, HeaderLength = 30;
    private const int NamesInUtf8 = 1 << 11;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the directory.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="mostBytes">The longest directory that is read.</param>
    /// <exception cref="FormatException">It is damaged, or the file is no zip; the message goes on with "its" or "it".</exception>
    public static IEnumerable<ZipEntry> Read(DataFile file, int mostBytes)
    {
        (long offset, long length, long count) = Find(file);
        if (length > mostBytes || offset < 0 || length < 0 || offset > file.Length - length)
            throw new FormatException($"its zip directory of {length} bytes at {offset} is not within the file");
        byte[] directory = new byte[length];
        file.Read(offset, directory);
        int at = 0;
        for (long i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> rest = directory.AsSpan(at);
            if (rest.Length < 46 || UInt32(rest, 0) != 0x02014b50)
                throw new FormatException($"its zip directory is damaged at entry {i} of {count}");
            int name = UInt16(rest, 28), extra = UInt16(rest, 30), comment = UInt16(rest, 32), flags = UInt16(rest, 8);
            if (rest.Length < 46 + name + extra + comment) throw new FormatException($"its zip directory ends within entry {i} of {count}");
            string title = Name(rest.Slice(46, name), flags);
            (long packed, long size, long header) = Sizes(rest, rest.Slice(46 + name, extra), title);
            yield return new ZipEntry(title, header, packed, size, UInt16(rest, 10), (flags & 1) != 0);
            at += 46 + name + extra + comment;
        }
    }

    /// <summary>Where an entry's bytes begin: its own header, of which only lengths are looked at, stands before them.</summary>
    /// <exception cref="FormatException">They do not lie within the file.</exception>
    public static long Data(DataFile file, in ZipEntry entry)
    {
        Span<byte> local = stackalloc byte[HeaderLength];
        (string title, long header, long packed) = (entry.Name, entry.Header, entry.Packed);
        if (header < 0 || header > file.Length - local.Length) throw new FormatException($"its zip entry '{title}' lies outside the file");
        file.Read(header, local);
        if (UInt32(local, 0) != 0x04034b50) throw new FormatException($"its zip entry '{title}' has no header of its own");
        long offset = header + local.Length + UInt16(local, 26) + UInt16(local, 28);
        return packed >= 0 && offset <= file.Length && packed <= file.Length - offset ? offset
            : throw new FormatException($"its zip entry '{title}' of {packed} bytes at {offset} leaves the file of {file.Length}");
    }

    private static (long Offset, long Length, long Count) Find(DataFile file)
    {
        byte[] tail = new byte[Math.Min(file.Length, EndLength + CommentLimit)];
        long start = file.Length - tail.Length;
        file.Read(start, tail);
        for (int i = tail.Length - EndLength; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            // Bytes may follow that belong to nobody, as PyTorch reads it.
            if (UInt32(end, 0) != 0x06054b50 || UInt16(end, 20) > end.Length - EndLength) continue;
            if (UInt16(end, 4) is not (0 or ushort.MaxValue)) throw new FormatException("it is the last of several parts of a zip");
            (long offset, long length, long count) = (UInt32(end, 16), UInt32(end, 12), UInt16(end, 10));
            bool wide = offset == uint.MaxValue || length == uint.MaxValue || count == ushort.MaxValue;
            return wide ? Find64(file, start + i - 20) : (offset, length, count);
        }
        throw new FormatException("it ends without a zip directory (truncated, or no zip)");
    }

    private static (long Offset, long Length, long Count) Find64(DataFile file, long locator)
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

    /// <summary>Many writers do not say that a name is UTF-8; where it can't be, it is of the format's old code page.</summary>
    private static string Name(ReadOnlySpan<byte> bytes, int flags)
    {
        try
        {
            return (flags & NamesInUtf8) != 0 ? Encoding.UTF8.GetString(bytes) : Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(437)!.GetString(bytes);
        }
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}

/// <summary>An entry of a zip archive.</summary>
/// <param name="Name">Its name, with its folders.</param>
/// <param name="Header">Where its own header begins.</param>
/// <param name="Packed">Its bytes in the archive.</param>
/// <param name="Size">Its bytes unpacked.</param>
/// <param name="Method">How it is packed: 0 stored, 8 deflated.</param>
/// <param name="IsEncrypted">Whether it takes a password.</param>
internal readonly record struct ZipEntry(string Name, long Header, long Packed, long Size, int Method, bool IsEncrypted);
