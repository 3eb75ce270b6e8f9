namespace MoCo.Imaging.Formats;

/// <summary>What Skia passes over without a word: lengths and sizes that the containers state of themselves.</summary>
internal static class ContainerChecks
{
    private const int NameAndLength = 8, IcoHeader = 6, IcoEntry = 16;

    /// <summary>Refuses a WebP that is shorter than it says: cut off behind its pixels it would lose its orientation without a
    /// word.</summary>
    internal static void CheckWebp(ReadOnlySpan<byte> file)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (length > (uint)(file.Length - NameAndLength))
            throw new InvalidDataException($"The WebP is truncated: it has {file.Length} bytes and says {length + (long)NameAndLength}.");
    }

    /// <summary>The largest width and height in the list of an ICO.</summary>
    /// <exception cref="InvalidDataException">An image lies beyond the file's end: Skia would take a smaller one without a
    /// word.</exception>
    internal static (int Width, int Height) LargestIcon(ReadOnlySpan<byte> file)
    {
        (int width, int height) = (0, 0);
        int count = file.Length < IcoHeader ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(file[4..]);
        for (int i = 0; i < count; i++)
        {
            int start = IcoHeader + (i * IcoEntry);
            if (file.Length - start < IcoEntry || End(file.Slice(start, IcoEntry)) > (ulong)file.Length)
                throw new InvalidDataException("The ICO is truncated: it lacks a part of its images.");
            width = Math.Max(width, Size(file[start]));
            height = Math.Max(height, Size(file[start + 1]));
        }
        return (width, height);
    }

    private static ulong End(ReadOnlySpan<byte> entry) =>
        (ulong)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) + BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);

    private static int Size(byte value) => value == 0 ? 256 : value;
}
