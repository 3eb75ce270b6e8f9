using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>Goes through the entries of a tar file (ustar, GNU or pax) by its headers alone; the contents are passed over.</summary>
/// <remarks>Nothing is allocated for an entry. Whatever a header says is checked against the file before it is used. Entries are those of
/// Python's tarfile, with these differences: a file that is cut off or damaged is an error and not the end; a size field that is empty or
/// has text behind its zero is damage; a ustar prefix counts in headers of POSIX alone; sparse files are told, but not read; global
/// extended headers are passed over; compressed files are refused by name.</remarks>
internal sealed class TarEntries
{
    private const byte File = (byte)'0', OldFile = 0, Contiguous = (byte)'7', Folder = (byte)'5', Sparse = (byte)'S';
    private const byte GnuName = (byte)'L', GnuLink = (byte)'K', Pax = (byte)'x', SolarisPax = (byte)'X', GlobalPax = (byte)'g';

    // Longer names or extended headers than any writer makes are an attack or damage.
    private const int MostExtended = 1 << 20;

    // Archives are filled up with zeros to 10 KiB, or to what a tape wants.
    private const int MostFilling = 1 << 20;

    // Where tar's own mark would stand.
    private const int MarkAt = 257;

    // A label's header, its content and the next header lie side by side: one read fetches them all.
    private readonly byte[] window = new byte[8 * TarHeader.BlockSize];
    private byte[] name = new byte[256];
    private byte[] extended = new byte[1024];
    private SafeFileHandle? handle;
    private long length, next, windowAt;
    private int windowLength, nameLength;
    private bool isSparse;

    /// <summary>The entry's name, UTF-8.</summary>
    internal ReadOnlySpan<byte> Name => name.AsSpan(0, nameLength);

    /// <summary>Where the entry's content begins.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes of content; they lie within the file.</summary>
    internal long Size { get; private set; }

    /// <summary>Whether the entry is a plain file.</summary>
    internal bool IsFile { get; private set; }

    /// <summary>What else an entry is that stands for a file: "link", "sparse file" or "device"; null for files and folders.</summary>
    internal string? OtherKind { get; private set; }

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
        (nameLength, isSparse) = (0, false);
        long? paxSize = null;
        while (true)
        {
            long at = next;
            if (at == length) return false;
            ReadOnlySpan<byte> header = Window(at, TarHeader.BlockSize);
            if (at == 0 && TarHeader.Compression(header) is { } kind)
                throw new InvalidDataException($"Expected a plain tar file, found {kind}.");
            bool isWhole = header.Length == TarHeader.BlockSize;
            if (isWhole && !header.ContainsAnyExcept((byte)0)) return false;
            bool isHeader = isWhole && TarHeader.HasValidChecksum(header);
            if (at == 0 && !isHeader && FileSignature.Name(header[..Math.Min(MarkAt, header.Length)]) is { } other)
                throw new InvalidDataException($"Expected a tar file, found {other}.");
            if (!isWhole) throw new InvalidDataException($"The tar file is cut off: it ends within the header at byte {at}.");
            if (!isHeader) throw new InvalidDataException(NotATar(at));
            if (!TarHeader.TrySize(header, out long size))
                throw new InvalidDataException($"The tar header at byte {at} gives an impossible size.");

            byte type = TarHeader.Type(header);
            Offset = at + TarHeader.BlockSize;
            if (type == Sparse) PassMap(header);
            // Links, devices and folders have no content, whatever their size says.
            Size = type is >= (byte)'1' and <= (byte)'6' ? 0 : paxSize is { } real && !IsExtended(type) ? real : size;
            if (Size > length - Offset)
            {
                throw new InvalidDataException(
                    $"The tar file is cut off: the entry at byte {at} has {Size} bytes, the file only {length - Offset} behind its "
                    + "header.");
            }
            // The last entry's padding may be missing.
            next = Math.Min(length, Offset + ((Size + TarHeader.BlockSize - 1) / TarHeader.BlockSize * TarHeader.BlockSize));

            if (type == GnuName)
            {
                ReadOnlySpan<byte> text = Extended();
                int end = text.IndexOf((byte)0);
                SetName(end < 0 ? text : text[..end]);
            }
            else if (type is Pax or SolarisPax) ReadPax(Extended(), ref paxSize);
            else if (!IsExtended(type))
            {
                if (nameLength == 0) TakeName(header);
                Classify(type);
                return true;
            }
        }
    }

    /// <summary>Behind the archive's end: where another archive begins; null where none does. Such files come from cat.</summary>
    internal long? FindAnother()
    {
        for (long at = next; at < Math.Min(length, next + MostFilling); at += TarHeader.BlockSize)
        {
            ReadOnlySpan<byte> block = Window(at, TarHeader.BlockSize);
            if (block.Length < TarHeader.BlockSize) return null;
            if (block.ContainsAnyExcept((byte)0)) return TarHeader.HasValidChecksum(block) ? at : null;
        }
        return null;
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

    private static bool IsExtended(byte type) => type is GnuName or GnuLink or Pax or SolarisPax or GlobalPax;

    private void Classify(byte type)
    {
        // In tar's oldest form a folder is a file whose name ends with a slash.
        bool isFolder = type == Folder || (type == OldFile && Name.EndsWith("/"u8));
        IsFile = type is File or OldFile or Contiguous && !isFolder && !isSparse;
        OtherKind = IsFile || isFolder ? null
            : isSparse || type == Sparse ? "sparse file"
            : type is (byte)'1' or (byte)'2' ? "link"
            : "device";
    }

    /// <summary>Goes over the blocks with the map of a sparse file, which lie between header and content.</summary>
    private void PassMap(ReadOnlySpan<byte> header)
    {
        for (bool more = TarHeader.HasMoreOfMap(header, isHeader: true); more; Offset += TarHeader.BlockSize)
        {
            ReadOnlySpan<byte> block = Window(Offset, TarHeader.BlockSize);
            if (block.Length < TarHeader.BlockSize)
                throw new InvalidDataException($"The tar file is cut off: it ends within the map of a sparse file at byte {Offset}.");
            more = TarHeader.HasMoreOfMap(block, isHeader: false);
        }
    }

    private ReadOnlySpan<byte> Extended()
    {
        if (Size > MostExtended)
            throw new InvalidDataException($"The extended header at byte {Offset} has {Size} bytes; at most {MostExtended} are read.");
        if (extended.Length < Size) extended = new byte[Size];
        return extended.AsSpan(0, Read(extended));
    }

    /// <summary>Records of the form "length key=value\n"; a long name, a large size and that the file is sparse matter here.</summary>
    private void ReadPax(ReadOnlySpan<byte> records, ref long? size)
    {
        while (!records.IsEmpty)
        {
            int space = records.IndexOf((byte)' ');
            if (space < 1 || !TryDecimal(records[..space], out long recordLength)
                || recordLength <= space + 1 || recordLength > records.Length)
                throw new InvalidDataException($"The extended header at byte {Offset} is damaged.");
            ReadOnlySpan<byte> record = records[(space + 1)..(int)recordLength].TrimEnd((byte)'\n');
            isSparse |= record.StartsWith("GNU.sparse."u8);
            if (record.StartsWith("path="u8) && !isSparse) SetName(record["path=".Length..]);
            else if (record.StartsWith("GNU.sparse.name="u8)) SetName(record["GNU.sparse.name=".Length..]);
            else if (record.StartsWith("size="u8)) size = Decimal(record["size=".Length..]);
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
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string NotATar(long at) =>
        at == 0 ? "Expected a tar file; its first header has a wrong checksum."
        : $"The tar header at byte {at} is damaged: wrong checksum.";
}
