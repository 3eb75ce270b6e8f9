namespace MoCo.Data;

/// <summary>The blocks of a GIF.</summary>
internal static class GifBlocks
{
    private const int Header = 13;
    private const int ImageHeader = 10;
    private const byte Extension = 0x21;
    private const byte Picture = 0x2C;
    private const byte Trailer = 0x3B;

    /// <summary>Whether the content is a GIF's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <summary>Refuses a GIF that ends before its first picture does: a decoder may leave the missing rows black without a word.</summary>
    /// <exception cref="InvalidDataException">The file ends before its first picture does.</exception>
    internal static void CheckComplete(ReadOnlySpan<byte> file)
    {
        if (!ReachesEndOfFirstPicture(file))
            throw new InvalidDataException("The GIF is truncated: it lacks a part of its first picture.");
    }

    private static bool ReachesEndOfFirstPicture(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < Header || !TrySkip(ref rest, Header + PaletteBytes(rest[10])))
            return false;
        while (!rest.IsEmpty && rest[0] != Trailer)
        {
            switch (rest[0])
            {
                case Picture:
                    const int codeBytes = 1;
                    return rest.Length >= ImageHeader
                        && TrySkip(ref rest, ImageHeader + PaletteBytes(rest[9]) + codeBytes)
                        && TrySkipParts(ref rest);
                case Extension:
                    const int markAndKind = 2;
                    if (!TrySkip(ref rest, markAndKind) || !TrySkipParts(ref rest))
                        return false;
                    break;
                default:
                    // Between blocks readers skip what they do not know.
                    rest = rest[1..];
                    break;
            }
        }

        return false;
    }

    /// <summary>The colours after a header with these flags, three bytes each.</summary>
    private static int PaletteBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>Skips parts of up to 255 bytes, each after its length, and the empty one behind them.</summary>
    private static bool TrySkipParts(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var bytes = rest[0];
            if (!TrySkip(ref rest, 1 + bytes))
                return false;
            if (bytes == 0)
                return true;
        }

        return false;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, int bytes)
    {
        if (bytes > rest.Length)
            return false;
        rest = rest[bytes..];
        return true;
    }
}
