using Google.Protobuf;

namespace MoCo.Tests.Shared.Files;

/// <summary>A protocol buffer message without its schema: the fields as the wire has them.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, object Value)> fields = [];

    public WireMessage(byte[] bytes)
    {
        CodedInputStream input = new(bytes);
        while (!input.IsAtEnd)
        {
            uint tag = input.ReadTag();
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => (long)input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadDouble(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                WireFormat.WireType other => throw new InvalidDataException($"wire type {other}"),
            };
            fields.Add((WireFormat.GetTagFieldNumber(tag), value));
        }
    }

    public IEnumerable<WireMessage> Messages(int field)
        => fields.Where(found => found.Field == field).Select(found => new WireMessage((byte[])found.Value));

    public WireMessage Message(int field) => Messages(field).Single();

    public string Text(int field) => System.Text.Encoding.UTF8.GetString(One<byte[]>(field));

    public double Double(int field) => One<double>(field);

    public long Long(int field) => One<long>(field);

    private T One<T>(int field) => (T)fields.Single(found => found.Field == field).Value;
}
