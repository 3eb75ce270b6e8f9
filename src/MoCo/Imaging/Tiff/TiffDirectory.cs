namespace MoCo.Imaging.Tiff;

/// <summary>The first directory of a TIFF, which an EXIF block is, too: a list of tagged numbers. Nothing in it is to be trusted.</summary>
internal readonly ref struct TiffDirectory
{
    private const ushort Classic = 42;
    private const ushort Big = 43;

    private readonly ReadOnlySpan<byte> file, entries;
    private readonly bool little, big;

    private TiffDirectory(ReadOnlySpan<byte> file, bool little, bool big, ReadOnlySpan<byte> entries, bool isComplete)
    {
        this.file = file;
        this.entries = entries;
        (this.little, this.big, IsComplete) = (little, big, isComplete);
    }

    /// <summary>Whether the file goes on to the directory's end.</summary>
    internal bool IsComplete { get; }

    private int CountBytes => big ? 8 : 4;

    private int EntryBytes => 4 + (2 * CountBytes);

    /// <summary>Whether the content is a TIFF's, with offsets of four bytes or (BigTIFF) of eight.</summary>
    internal static bool IsIn(ReadOnlySpan<byte> file) =>
        file.Length >= 4 && ((file[0] == 'I' && file[1] == 'I') || (file[0] == 'M' && file[1] == 'M'))
        && Number(file.Slice(2, 2), file[0] == 'I') is Classic or Big;

    /// <summary>Finds the directory; false where the file has none.</summary>
    internal static bool TryOpen(ReadOnlySpan<byte> file, out TiffDirectory directory)
    {
        directory = default;
        if (!IsIn(file)) return false;
        bool little = file[0] == 'I';
        bool big = Number(file.Slice(2, 2), little) == Big;
        (int header, int number, int countBytes, int entryBytes) = big ? (8, 8, 8, 20) : (4, 4, 2, 12);
        if (file.Length < header + number) return false;
        ulong start = Number(file.Slice(header, number), little);
        if (start > (ulong)file.Length || file.Length - (int)start < countBytes) return false;
        ReadOnlySpan<byte> entries = file[(int)start..];
        ulong count = Number(entries[..countBytes], little);
        entries = entries[countBytes..];
        int present = (int)Math.Min(count, (ulong)(entries.Length / entryBytes));
        directory = new(file, little, big, entries[..(present * entryBytes)], (ulong)present == count);
        return true;
    }

    /// <summary>How many entries have a tag: more than one is against the rules, and readers differ in which of them counts.</summary>
    internal int CountOf(int tag)
    {
        int count = 0;
        for (ReadOnlySpan<byte> rest = entries; !rest.IsEmpty; rest = rest[EntryBytes..])
            count += Number(rest[..2], little) == (ulong)tag ? 1 : 0;
        return count;
    }

    /// <summary>Finds the numbers of a tag; false where it is absent or not of whole numbers.</summary>
    internal bool TryFind(int tag, out TiffNumbers numbers)
    {
        numbers = default;
        for (ReadOnlySpan<byte> rest = entries; !rest.IsEmpty; rest = rest[EntryBytes..])
        {
            if (Number(rest[..2], little) != (ulong)tag) continue;
            int bytesEach = Number(rest.Slice(2, 2), little) switch { 3 => 2, 4 => 4, 16 => 8, _ => 0 };
            if (bytesEach == 0) return false;
            ulong count = Number(rest.Slice(4, CountBytes), little);
            ReadOnlySpan<byte> place = rest.Slice(4 + CountBytes, CountBytes);
            if (count > (ulong)(place.Length / bytesEach))
            {
                ulong offset = Number(place, little);
                place = offset > (ulong)file.Length ? default : file[(int)offset..];
            }
            int present = (int)Math.Min(count, (ulong)(place.Length / bytesEach));
            numbers = new(place[..(present * bytesEach)], bytesEach, little, (ulong)present == count);
            return true;
        }
        return false;
    }

    /// <summary>The number of a tag that has just one; 0 where there is none.</summary>
    internal ulong SingleOrZero(int tag) =>
        TryFind(tag, out TiffNumbers numbers) && numbers is { Count: 1, IsComplete: true } ? numbers[0] : 0;

    /// <summary>An unsigned number of 2, 4 or 8 bytes.</summary>
    internal static ulong Number(ReadOnlySpan<byte> bytes, bool little) => bytes.Length switch
    {
        2 => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
        4 => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
        _ => little ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes),
    };
}

/// <summary>The whole numbers of one tag, where they lie in the file.</summary>
/// <param name="bytes">Those that the file holds.</param>
/// <param name="bytesEach">2, 4 or 8.</param>
/// <param name="little">Whether the lowest byte comes first.</param>
/// <param name="isComplete">Whether the file holds as many as it says.</param>
internal readonly ref struct TiffNumbers(ReadOnlySpan<byte> bytes, int bytesEach, bool little, bool isComplete)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    internal bool IsComplete => isComplete;

    internal int Count => bytes.Length / bytesEach;

    internal ulong this[int index] => TiffDirectory.Number(bytes.Slice(index * bytesEach, bytesEach), little);
}
