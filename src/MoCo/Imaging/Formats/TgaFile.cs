namespace MoCo.Imaging.Formats;

/// <summary>What is checked of a TGA before ImageSharp gets it, which fills up truncated ones with old memory.</summary>
internal static class TgaFile
{
    private const int Header = 18;
    private const int Palette = 1;
    private const int Colors = 2;
    private const int Grey = 3;
    private const int RunLengths = 8;

    /// <summary>Whether the content looks like a TGA's, which has no signature: a header without a contradiction.</summary>
    internal static bool IsIn(ReadOnlySpan<byte> file) =>
        file.Length >= Header && file[1] <= 1 && Kind(file) is Palette or Colors or Grey && (file[2] & ~(RunLengths | 3)) == 0
        && (Kind(file) == Palette) == (file[1] == 1)
        && file[16] is 8 or 15 or 16 or 24 or 32 && file[7] is 0 or 15 or 16 or 24 or 32
        && Number(file, 12) > 0 && Number(file, 14) > 0;

    /// <summary>Refuses what lacks a part, exceeds the limit, or is of a kind that no test holds against PIL.</summary>
    internal static void Check(ReadOnlySpan<byte> file, PixelLimit limit)
    {
        (ushort width, ushort height) = (Number(file, 12), Number(file, 14));
        limit.Check(width, height);
        if (width > short.MaxValue || height > short.MaxValue)
        {
            throw new InvalidDataException(
                $"TGA files of more than {short.MaxValue} rows or columns are not supported; this has {width}×{height} pixels.");
        }
        (int kind, byte bits, byte paletteBits) = (Kind(file), file[16], file[7]);
        int colors = kind == Palette ? Number(file, 5) : 0;
        if (kind == Colors ? bits is not (24 or 32) : bits != 8)
            throw new InvalidDataException($"TGA files of {bits} bits a pixel in this form are not supported.");
        if (kind == Palette && (paletteBits is not (24 or 32) || Number(file, 3) != 0))
            throw new InvalidDataException("TGA files with a palette of 16 bits, or one that does not begin at 0, are not supported.");
        // An image of colors may carry a palette that nothing uses.
        int paletteBytes = file[1] == 1 ? Number(file, 5) * ((paletteBits + 7) / 8) : 0;
        int start = Header + file[0] + paletteBytes;
        if (start > file.Length || !IsComplete(file[start..], width, height, bits / 8, (file[2] & RunLengths) != 0, colors))
            throw new InvalidDataException("The TGA is truncated or damaged: it lacks a part of its pixels, or of its palette.");
    }

    private static bool IsComplete(ReadOnlySpan<byte> rest, int width, int height, int bytesEach, bool runLengths, int colors)
    {
        long bytes = (long)width * height * bytesEach;
        if (!runLengths) return rest.Length >= bytes && AreInPalette(rest[..(int)bytes], colors);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width;)
            {
                if (rest.IsEmpty) return false;
                int count = (rest[0] & 0x7F) + 1;
                int packed = (rest[0] >= 0x80 ? 1 : count) * bytesEach;
                // Runs end with their row, as in PIL.
                if (rest.Length <= packed || count > width - x || !AreInPalette(rest.Slice(1, packed), colors)) return false;
                x += count;
                rest = rest[(1 + packed)..];
            }
        }
        return true;
    }

    private static bool AreInPalette(ReadOnlySpan<byte> indices, int colors) =>
        colors is 0 or > byte.MaxValue || indices.IndexOfAnyExceptInRange((byte)0, (byte)(colors - 1)) < 0;

    private static int Kind(ReadOnlySpan<byte> file) => file[2] & ~RunLengths;

    private static ushort Number(ReadOnlySpan<byte> file, int place) => BinaryPrimitives.ReadUInt16LittleEndian(file[place..]);
}
