using MoCo.Imaging.Orientation;

namespace MoCo.Imaging.Formats;

/// <summary>The chunks of a PNG.</summary>
/// <remarks>Text, profiles and chunks of other programs cost libpng memory and time that the image's size does not bound: a text of 8 KB
/// unpacks to 8 MB, and a chunk that comes in parts is copied with each part. Nothing of it makes a pixel.</remarks>
internal static class PngChunks
{
    private const int Signature = 8, LengthAndName = 8, Checksum = 4;

    // 256 colors of three bytes.
    private const int LongestPalette = 768;

    /// <summary>Copies the chunks that make the pixels.</summary>
    /// <param name="file">The PNG.</param>
    /// <param name="into">As long as the file.</param>
    /// <param name="orientation">The one in the eXIf chunk.</param>
    /// <returns>The bytes copied.</returns>
    /// <exception cref="InvalidDataException">A chunk of a few numbers has too many, or the orientation's is damaged.</exception>
    internal static int CopyPixels(ReadOnlySpan<byte> file, Span<byte> into, out int orientation)
    {
        int? found = null;
        int copied = Signature;
        file[..Signature].CopyTo(into);
        for (ReadOnlySpan<byte> rest = file[Signature..]; !rest.IsEmpty;)
        {
            uint length = rest.Length < LengthAndName ? 0 : BinaryPrimitives.ReadUInt32BigEndian(rest);
            ReadOnlySpan<byte> chunk = rest[..(int)Math.Min(rest.Length, LengthAndName + (long)length + Checksum)];
            ReadOnlySpan<byte> name = chunk.Length < LengthAndName ? [] : chunk[4..LengthAndName];
            rest = rest[chunk.Length..];
            if (IsLeftOut(name))
            {
                if (name.SequenceEqual("eXIf"u8)) found ??= ReadExif(chunk);
                continue;
            }
            if (length > LongestPalette && !name.SequenceEqual("IDAT"u8))
                throw new InvalidDataException($"The PNG is damaged: a chunk that is not of pixels has {length} bytes.");
            chunk.CopyTo(into[copied..]);
            copied += chunk.Length;
            if (name.SequenceEqual("IEND"u8)) break;
        }
        orientation = found ?? ExifOrientation.Upright;
        return copied;
    }

    /// <summary>The orientation; a damaged chunk is refused, as PIL does, lest the image lie on its side.</summary>
    private static int ReadExif(ReadOnlySpan<byte> chunk)
    {
        bool isWhole = chunk.Length >= LengthAndName + Checksum;
        if (!isWhole || BinaryPrimitives.ReadUInt32BigEndian(chunk[^Checksum..]) != Crc32(chunk[4..^Checksum]))
            throw new InvalidDataException("The PNG is damaged: the checksum of its EXIF data is wrong.");
        return ExifOrientation.Read(chunk[LengthAndName..^Checksum]);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }

    /// <summary>Whether a decoder may do without a chunk, which a small first letter says, and its pixels stay as they
    /// are.</summary>
    private static bool IsLeftOut(ReadOnlySpan<byte> name)
    {
        foreach (byte letter in name)
            if (!char.IsAsciiLetter((char)letter)) return false;
        return !name.IsEmpty && char.IsAsciiLetterLower((char)name[0]) && !name.SequenceEqual("tRNS"u8);
    }
}
