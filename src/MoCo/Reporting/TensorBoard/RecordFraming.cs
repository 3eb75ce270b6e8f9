using System.Numerics;

namespace MoCo.Reporting.TensorBoard;

/// <summary>The frame around each event of a file: length (8 bytes), its masked CRC32C (4), the event, its masked CRC32C (4),
/// little-endian.</summary>
internal static class RecordFraming
{
    public static void Write(Stream stream, ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Masked(Crc32C(head[..8])));
        stream.Write(head);
        stream.Write(record);
        BinaryPrimitives.WriteUInt32LittleEndian(head, Masked(Crc32C(record)));
        stream.Write(head[..4]);
    }

    /// <summary>CRC with the Castagnoli polynomial, by the processor's own instruction where it has one.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The format turns a CRC and adds a constant, so that the CRC of data which hold CRCs stays useful.</summary>
    public static uint Masked(uint crc) => BitOperations.RotateRight(crc, 15) + 0xa282ead8;
}
