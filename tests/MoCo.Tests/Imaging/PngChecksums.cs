using System.Buffers.Binary;

namespace MoCo.Tests.Imaging;

/// <summary>The checksums of a PNG's chunks.</summary>
internal static class PngChecksums
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>Makes every whole chunk's checksum fit its content, as an attacker would.</summary>
    public static void Correct(Span<byte> file)
    {
        const int signature = 8, around = 12;
        Span<byte> rest = file[Math.Min(signature, file.Length)..];
        while (rest.Length >= around && BinaryPrimitives.ReadUInt32BigEndian(rest) is uint length && length <= rest.Length - around)
        {
            Span<byte> nameAndContent = rest.Slice(4, 4 + (int)length);
            BinaryPrimitives.WriteUInt32BigEndian(rest[(8 + (int)length)..], Crc32(nameAndContent));
            rest = rest[(around + (int)length)..];
        }
    }

    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
        }
        return ~crc;
    }
}
