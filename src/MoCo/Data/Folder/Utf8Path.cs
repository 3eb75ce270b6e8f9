using System.Text;

namespace MoCo.Data.Folder;

/// <summary>A path in UTF-8, in memory that is used again: the file system's own bytes, so that a name which is no valid UTF-8 still opens.</summary>
internal sealed class Utf8Path
{
    private const byte Separator = (byte)'/';

    private byte[] buffer = new byte[512];

    internal Utf8Path()
    {
    }

    internal Utf8Path(string path) => Set(Encoding.UTF8.GetBytes(path));

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, Length);

    /// <summary>The path and a zero byte behind it, as the C library wants it.</summary>
    internal ReadOnlySpan<byte> Terminated => buffer.AsSpan(0, Length + 1);

    internal void Set(ReadOnlySpan<byte> path)
    {
        Length = 0;
        Put(path);
    }

    internal void Truncate(int length)
    {
        Length = length;
        buffer[length] = 0;
    }

    /// <summary>Appends names behind a separator; nothing for an empty one.</summary>
    internal Utf8Path Append(ReadOnlySpan<byte> names)
    {
        if (names.Length == 0)
            return this;
        if (Length > 0 && buffer[Length - 1] != Separator)
            Put([Separator]);
        Put(names);
        return this;
    }

    public override string ToString() => Encoding.UTF8.GetString(Bytes);

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length + 1 > buffer.Length)
            Array.Resize(ref buffer, Math.Max(2 * buffer.Length, Length + bytes.Length + 1));
        bytes.CopyTo(buffer.AsSpan(Length));
        Length += bytes.Length;
        buffer[Length] = 0;
    }
}
