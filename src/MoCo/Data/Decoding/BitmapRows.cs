using System.Buffers.Binary;

namespace MoCo.Data;

/// <summary>The rows of a BMP.</summary>
internal static class BitmapRows
{
    private const int Header = 34;
    private const int SmallestInfo = 40;
    private const int Uncompressed = 0;
    private const int BitFields = 3;

    /// <summary>Whether the content is a BMP's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <summary>Refuses a BMP that lacks pixels: a decoder may leave the last row black without a word.</summary>
    /// <remarks>Run lengths end where they end, and the old header of OS/2 has other fields: those are left to the decoder.</remarks>
    /// <exception cref="InvalidDataException">The file ends before its last row does.</exception>
    internal static void CheckComplete(ReadOnlySpan<byte> file)
    {
        if (file.Length < Header || Number(file, 14) < SmallestInfo || Number(file, 30) is not (Uncompressed or BitFields))
            return;
        long start = Number(file, 10);
        long width = (int)Number(file, 18);
        // A negative height: the rows go from top to bottom.
        var height = Math.Abs((long)(int)Number(file, 22));
        if (width <= 0 || height == 0)
            return;
        var bits = width * BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        var paddedRow = (bits + 31) / 32 * 4;
        // The last row's padding carries nothing. 128 bits hold any product of these.
        if (start + ((Int128)paddedRow * (height - 1)) + ((bits + 7) / 8) > file.Length)
            throw new InvalidDataException("The BMP is truncated: it lacks a part of its rows.");
    }

    private static uint Number(ReadOnlySpan<byte> file, int place) => BinaryPrimitives.ReadUInt32LittleEndian(file[place..]);
}
