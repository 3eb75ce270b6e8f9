using System.Buffers.Binary;

namespace MoCo.Imaging.Formats;

/// <summary>The list of images in an ICO.</summary>
internal static class IcoDirectory
{
    private const int Header = 6;
    private const int Entry = 16;

    /// <summary>The largest width and height in the list.</summary>
    /// <exception cref="InvalidDataException">An image lies beyond the file's end: Skia would take a smaller one without a word.</exception>
    internal static (int Width, int Height) LargestSize(ReadOnlySpan<byte> file)
    {
        (int width, int height) = (0, 0);
        int count = file.Length < Header ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(file[4..]);
        for (int i = 0; i < count; i++)
        {
            int start = Header + (i * Entry);
            if (file.Length - start < Entry || End(file.Slice(start, Entry)) > (ulong)file.Length)
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
