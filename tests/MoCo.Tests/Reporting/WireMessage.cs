using System.Buffers.Binary;
using System.Text;

namespace MoCo.Tests.Reporting;

/// <summary>A protocol buffer message, decoded by the wire format alone.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, byte[] Bytes)> fields = [];

    public WireMessage(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            ulong tag = Varint(bytes, ref at);
            int length = (int)(tag & 7) switch
            {
                0 => VarintLength(bytes, at),
                1 => 8,
                2 => (int)Varint(bytes, ref at),
                5 => 4,
                int other => throw new InvalidDataException($"wire type {other}"),
            };
            fields.Add(((int)(tag >> 3), bytes[at..(at + length)]));
            at += length;
        }
    }

    public bool Has(int field) => fields.Any(found => found.Field == field);

    public byte[] Bytes(int field) => fields.Single(found => found.Field == field).Bytes;

    public IEnumerable<WireMessage> Messages(int field) => fields.Where(found => found.Field == field).Select(found => new WireMessage(found.Bytes));

    public WireMessage Message(int field) => Messages(field).Single();

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public double Double(int field) => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(field));

    public float Float(int field) => BinaryPrimitives.ReadSingleLittleEndian(Bytes(field));

    public long Long(int field)
    {
        var at = 0;
        return Has(field) ? (long)Varint(Bytes(field), ref at) : 0;
    }

    public double[] Doubles(int field) => [.. Bytes(field).Chunk(8).Select(part => BinaryPrimitives.ReadDoubleLittleEndian(part))];

    private static int VarintLength(byte[] bytes, int at)
    {
        int start = at;
        Varint(bytes, ref at);
        return at - start;
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            byte part = bytes[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
    }
}
