namespace MoCo.Data;

/// <summary>The first page of a TIFF.</summary>
internal static class TiffPage
{
    private const int StripOffsets = 273;
    private const int StripByteCounts = 279;
    private const int ColorMap = 320;
    private const int TileOffsets = 324;
    private const int TileByteCounts = 325;

    /// <summary>Refuses a TIFF that lacks a part of its first page: a decoder may leave the missing rows black without a word.</summary>
    /// <exception cref="InvalidDataException">The file ends before its page does.</exception>
    internal static void CheckComplete(ReadOnlySpan<byte> file)
    {
        if (!TiffDirectory.TryOpen(file, out var directory) || !directory.IsComplete)
            throw new InvalidDataException("The TIFF is truncated: it lacks a part of its directory.");
        if (directory.TryFind(ColorMap, out var colors) && !colors.IsComplete)
            throw new InvalidDataException("The TIFF is truncated: it lacks a part of its palette.");
        CheckComplete(directory, StripOffsets, StripByteCounts, file.Length);
        CheckComplete(directory, TileOffsets, TileByteCounts, file.Length);
    }

    private static void CheckComplete(TiffDirectory directory, int offsetsTag, int countsTag, int fileBytes)
    {
        if (!directory.TryFind(offsetsTag, out var offsets) || !directory.TryFind(countsTag, out var counts))
            return;
        if (!offsets.IsComplete || !counts.IsComplete)
            throw new InvalidDataException("The TIFF is truncated: its directory points behind its end.");
        for (var i = 0; i < Math.Min(offsets.Count, counts.Count); i++)
        {
            if (offsets[i] > (ulong)fileBytes || counts[i] > (ulong)fileBytes - offsets[i])
                throw new InvalidDataException("The TIFF is truncated: it lacks a part of its first page.");
        }
    }
}
