namespace MoCo.Imaging.Formats;

/// <summary>One image of an ICO's list.</summary>
/// <param name="Width">As the list says it, 1 … 256.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Depth">Bits of a pixel; 256 where the list does not say.</param>
/// <param name="Place">Where its bytes begin.</param>
/// <param name="Length">How many there are.</param>
internal readonly record struct IcoEntry(int Width, int Height, int Depth, int Place, int Length)
{
    private const int Header = 6, Bytes = 16;

    /// <summary>The image that is read: of the largest area; of those, as in PIL, the last of the most
    /// colors.</summary>
    /// <exception cref="InvalidDataException">There is none, or one lies beyond the file's end.</exception>
    internal static IcoEntry Largest(ReadOnlySpan<byte> file)
    {
        IcoEntry largest = default;
        int count = file.Length < Header ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(file[4..]);
        for (ReadOnlySpan<byte> rest = file[Math.Min(Header, file.Length)..]; count > 0; count--, rest = rest[Bytes..])
        {
            if (rest.Length < Bytes || Read(rest) is not { } entry || entry.Place > file.Length - (long)entry.Length)
                throw new InvalidDataException("The ICO is truncated: it lacks a part of its images.");
            int larger = (entry.Width * entry.Height).CompareTo(largest.Width * largest.Height);
            if (larger > 0 || (larger == 0 && entry.Depth >= largest.Depth)) largest = entry;
        }
        return largest.Length > 0 ? largest : throw new InvalidDataException("The ICO is truncated or damaged: it has no image.");
    }

    /// <summary>Writes an ICO of this image alone.</summary>
    /// <param name="image">Its bytes.</param>
    /// <param name="into">Room for <see cref="AloneBytes"/>.</param>
    internal void CopyAlone(ReadOnlySpan<byte> image, Span<byte> into)
    {
        into[..(Header + Bytes)].Clear();
        (into[2], into[4], into[6], into[7]) = (1, 1, (byte)Width, (byte)Height);
        BinaryPrimitives.WriteInt32LittleEndian(into[(Header + 8)..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(into[(Header + 12)..], Header + Bytes);
        image.CopyTo(into[(Header + Bytes)..]);
    }

    /// <summary>Bytes of an ICO of this image alone.</summary>
    internal int AloneBytes => Header + Bytes + Length;

    private static IcoEntry? Read(ReadOnlySpan<byte> entry)
    {
        int colors = entry[2], bits = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]);
        int depth = bits > 0 ? bits : colors > 0 ? (int)Math.Ceiling(Math.Log2(colors)) : 256;
        int length = BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), place = BinaryPrimitives.ReadInt32LittleEndian(entry[12..]);
        return length < 0 || place < 0 ? null : new(Size(entry[0]), Size(entry[1]), depth, place, length);
    }

    private static int Size(byte value) => value == 0 ? 256 : value;
}
