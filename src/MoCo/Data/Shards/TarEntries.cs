using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>Goes through the entries of a tar file (ustar, GNU or pax) by its headers alone; the contents are passed over.</summary>
/// <remarks>Nothing is allocated for an entry. Whatever a header says is checked against the file before it is used.</remarks>
internal sealed class TarEntries
{
    private const byte File = (byte)'0', OldFile = 0, Contiguous = (byte)'7', GnuName = (byte)'L', Pax = (byte)'x', Sparse = (byte)'S';

    // Longer names or extended headers than any writer makes are an attack or damage.
    private const int MostExtended = 1 << 20;

    // A label's header, its content and the next header lie side by side: one read fetches them all.
    private readonly byte[] window = new byte[8 * TarHeader.BlockSize];
    private byte[] name = new byte[256];
    private byte[] extended = new byte[1024];
    private SafeFileHandle? handle;
    private long length, next, windowAt;
    private int windowLength, nameLength;

    /// <summary>The entry's name, UTF-8.</summary>
    internal ReadOnlySpan<byte> Name => name.AsSpan(0, nameLength);

    /// <summary>Where the entry's content begins.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes of content; they lie within the file.</summary>
    internal long Size { get; private set; }

    /// <summary>Whether the entry is a plain file.</summary>
    internal bool IsFile { get; private set; }

    internal void Open(SafeFileHandle file)
    {
        (handle, length) = (file, RandomAccess.GetLength(file));
        (next, windowAt, windowLength) = (0, 0, 0);
        if (length == 0) throw new InvalidDataException("The file is empty; expected a tar file.");
    }

    /// <summary>Goes to the next entry.</summary>
    /// <param name="file">The file, as it was opened.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or no tar file; nothing behind this place can be read.</exception>
    internal bool Next(SafeFileHandle file)
    {
        handle = file;
        nameLength = 0;
        long? paxSize = null;
        while (true)
        {
            long at = next;
            if (at == length) return false;
            ReadOnlySpan<byte> header = Window(at, TarHeader.BlockSize);
            if (header.Length < TarHeader.BlockSize)
                throw new InvalidDataException($"The tar file is cut off: it ends within the header at byte {at}.");
            if (!header.ContainsAnyExcept((byte)0)) return false;
            if (!TarHeader.HasValidChecksum(header)) throw new InvalidDataException(NotATar(at));
            if (!TarHeader.TrySize(header, out long size))
                throw new InvalidDataException($"The tar header at byte {at} gives an impossible size.");

            byte type = TarHeader.Type(header);
            IsFile = type is File or OldFile or Contiguous;
            Offset = at + TarHeader.BlockSize;
            Size = IsFile && paxSize is { } real ? real : size;
            if (Size > length - Offset)
            {
                throw new InvalidDataException(
                    $"The tar file is cut off: the entry at byte {at} has {Size} bytes, the file only {length - Offset} behind its "
                    + "header.");
            }
            if (type == Sparse) throw new InvalidDataException($"The entry at byte {at} is a sparse file, which is not read.");
            // The last entry's padding may be missing.
            next = Math.Min(length, Offset + ((Size + TarHeader.BlockSize - 1) / TarHeader.BlockSize * TarHeader.BlockSize));

            if (type == GnuName)
            {
                ReadOnlySpan<byte> text = Extended();
                int end = text.IndexOf((byte)0);
                SetName(end < 0 ? text : text[..end]);
            }
            else if (type == Pax) ReadPax(Extended(), ref paxSize);
            else
            {
                if (nameLength == 0) TakeName(header);
                return true;
            }
        }
    }

    /// <summary>Reads the entry's content, at most as many bytes as fit.</summary>
    internal int Read(Span<byte> into)
    {
        int wanted = (int)Math.Min(into.Length, Size);
        ReadOnlySpan<byte> found = Window(Offset, wanted);
        if (found.Length == wanted)
        {
            found.CopyTo(into);
            return wanted;
        }
        return ReadFully(handle!, Offset, into[..wanted]);
    }

    internal static int ReadFully(SafeFileHandle file, long offset, Span<byte> into)
    {
        int got = 0;
        for (int read = -1; read != 0 && got < into.Length; got += read) read = RandomAccess.Read(file, into[got..], offset + got);
        return got;
    }

    /// <summary>Bytes of the file from the window, which moves there when it must; fewer than wanted at the file's end or beyond the
    /// window's size.</summary>
    private ReadOnlySpan<byte> Window(long offset, int wanted)
    {
        if (wanted <= window.Length && (offset < windowAt || offset + wanted > windowAt + windowLength))
            (windowAt, windowLength) = (offset, ReadFully(handle!, offset, window));
        long start = offset - windowAt;
        return start < 0 || start > windowLength ? [] : window.AsSpan((int)start, (int)Math.Min(wanted, windowLength - start));
    }

    private ReadOnlySpan<byte> Extended()
    {
        if (Size > MostExtended)
            throw new InvalidDataException($"The extended header at byte {Offset} has {Size} bytes; at most {MostExtended} are read.");
        if (extended.Length < Size) extended = new byte[Size];
        return extended.AsSpan(0, Read(extended));
    }

    /// <summary>Records of the form "length key=value\n"; only a long name and a large size matter here.</summary>
    private void ReadPax(ReadOnlySpan<byte> records, ref long? size)
    {
        while (!records.IsEmpty)
        {
            int space = records.IndexOf((byte)' ');
            if (space < 1 || !TryDecimal(records[..space], out long recordLength)
                || recordLength <= space + 1 || recordLength > records.Length)
                throw new InvalidDataException($"The extended header at byte {Offset} is damaged.");
            ReadOnlySpan<byte> record = records[(space + 1)..(int)recordLength].TrimEnd((byte)'\n');
            if (record.StartsWith("path="u8)) SetName(record["path=".Length..]);
            else if (record.StartsWith("size="u8)) size = Decimal(record["size=".Length..]);
            else if (record.StartsWith("GNU.sparse."u8))
                throw new InvalidDataException($"The entry behind byte {Offset} is a sparse file, which is not read.");
            records = records[(int)recordLength..];
        }
    }

    private void TakeName(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> prefix = TarHeader.Prefix(header);
        SetName(prefix);
        if (prefix.Length > 0) AppendName("/"u8);
        AppendName(TarHeader.Name(header));
    }

    private void SetName(ReadOnlySpan<byte> value)
    {
        nameLength = 0;
        AppendName(value);
    }

    private void AppendName(ReadOnlySpan<byte> value)
    {
        if (name.Length < nameLength + value.Length) Array.Resize(ref name, Math.Max(2 * name.Length, nameLength + value.Length));
        value.CopyTo(name.AsSpan(nameLength));
        nameLength += value.Length;
    }

    private long Decimal(ReadOnlySpan<byte> digits) => TryDecimal(digits, out long value) ? value
        : throw new InvalidDataException($"The extended header at byte {Offset} gives an impossible size.");

    private static bool TryDecimal(ReadOnlySpan<byte> digits, out long value) =>
        long.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);

    private static string NotATar(long at) =>
        at == 0 ? "Expected a tar file; its first header has a wrong checksum."
        : $"The tar header at byte {at} is damaged: wrong checksum.";
}
