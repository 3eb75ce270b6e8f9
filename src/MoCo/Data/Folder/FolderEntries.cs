namespace MoCo.Data.Folder;

/// <summary>The names in one folder, in memory that is used again for the next.</summary>
internal sealed class FolderEntries
{
    private byte[] names = new byte[1 << 16];
    private int[] ends = new int[1 << 10];
    private EntryKind[] kinds = new EntryKind[1 << 10];
    private int used;

    internal int Count { get; private set; }

    internal EntryKind Kind(int entry) => kinds[entry];

    internal ReadOnlySpan<byte> Name(int entry)
    {
        var start = entry == 0 ? 0 : ends[entry - 1];
        return names.AsSpan(start, ends[entry] - start);
    }

    internal void Clear() => (Count, used) = (0, 0);

    internal void Add(ReadOnlySpan<byte> name, EntryKind kind)
    {
        if (name.Length > names.Length - used)
            Array.Resize(ref names, checked(names.Length * 2));
        if (Count == ends.Length)
        {
            Array.Resize(ref ends, checked(Count * 2));
            Array.Resize(ref kinds, ends.Length);
        }

        name.CopyTo(names.AsSpan(used));
        used += name.Length;
        (ends[Count], kinds[Count]) = (used, kind);
        Count++;
    }
}
