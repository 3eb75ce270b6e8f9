using System.Buffers.Binary;
using Google.Protobuf;
using Tensorboard;

namespace MoCo.Tests.Reporting;

/// <summary>Reads event files without anything of the writer: its own CRC, bit by bit, and the classes that TensorBoard's schema
/// generates.</summary>
internal static class EventFileReader
{
    /// <summary>The events, each checked against both its CRCs.</summary>
    public static List<Event> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<Event> events = new();
        for (int at = 0; at < bytes.Length;)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
            Assert.Equal(MaskedCrc(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            Span<byte> record = bytes.AsSpan(at + 12, length);
            Assert.Equal(MaskedCrc(record), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(Event.Parser.ParseFrom(new CodedInputStream(record.ToArray()))); // TorchSharp's classes know no other source
            at += 16 + length;
        }
        return events;
    }

    public static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }
        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }
}
