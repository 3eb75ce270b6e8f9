using System.Text;

namespace MoCo.Data.Folders;

/// <summary>Names in one run of UTF-8 bytes: a name takes its bytes and four more.</summary>
internal sealed class NameList
{
    private readonly byte[] bytes;
    private readonly int[] ends;

    private NameList(byte[] bytes, int[] ends) => (this.bytes, this.ends) = (bytes, ends);

    internal static NameList Empty { get; } = new([], []);

    internal int Count => ends.Length;

    internal string this[int place] => Encoding.UTF8.GetString(Utf8(place));

    /// <summary>A name's bytes.</summary>
    internal ReadOnlySpan<byte> Utf8(int place) => Part(bytes, ends, place);

    /// <summary>The names that shall be kept, in their order.</summary>
    internal NameList Where(bool[] keep)
    {
        if (!keep.Contains(false)) return this;
        List<byte> kept = [];
        List<int> keptEnds = [];
        for (int place = 0; place < keep.Length; place++)
        {
            if (!keep[place]) continue;
            kept.AddRange(Utf8(place));
            keptEnds.Add(kept.Count);
        }
        return new NameList([.. kept], [.. keptEnds]);
    }

    /// <summary>Puts names into the order of their bytes, which for UTF-8 is the order of the code points: that of Python's
    /// strings.</summary>
    /// <param name="names">All names, one behind the other.</param>
    /// <param name="nameEnds">The end of each name.</param>
    internal static NameList Sort(byte[] names, List<int> nameEnds)
    {
        int[] order = new int[nameEnds.Count], ends = new int[order.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (left, right) => Part(names, nameEnds, left).SequenceCompareTo(Part(names, nameEnds, right)));
        byte[] sorted = new byte[nameEnds.Count == 0 ? 0 : nameEnds[^1]];
        int used = 0;
        for (int i = 0; i < order.Length; i++)
        {
            ReadOnlySpan<byte> name = Part(names, nameEnds, order[i]);
            name.CopyTo(sorted.AsSpan(used));
            ends[i] = used += name.Length;
        }
        return new NameList(sorted, ends);
    }

    private static ReadOnlySpan<byte> Part(byte[] names, IReadOnlyList<int> ends, int place)
    {
        int start = place == 0 ? 0 : ends[place - 1];
        return names.AsSpan(start, ends[place] - start);
    }
}
