using Google.Protobuf;

namespace MoCo.Reporting;

/// <summary>A protocol buffer message under construction, field by field. A message within another is built first and added as bytes.</summary>
internal sealed class Message
{
    private readonly List<Action<CodedOutputStream>> fields = [];

    public byte[] ToArray()
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            foreach (Action<CodedOutputStream> field in fields) field(output);
        return bytes.ToArray();
    }

    public Message Add(int field, double value) => Add(field, WireFormat.WireType.Fixed64, output => output.WriteDouble(value));

    public Message Add(int field, float value) => Add(field, WireFormat.WireType.Fixed32, output => output.WriteFloat(value));

    public Message Add(int field, long value) => Add(field, WireFormat.WireType.Varint, output => output.WriteInt64(value));

    public Message Add(int field, string value) => Add(field, WireFormat.WireType.LengthDelimited, output => output.WriteString(value));

    public Message Add(int field, ReadOnlySpan<byte> value)
    {
        ByteString bytes = ByteString.CopyFrom(value);
        return Add(field, WireFormat.WireType.LengthDelimited, output => output.WriteBytes(bytes));
    }

    public Message Add(int field, Message value) => Add(field, value.ToArray());

    /// <summary>A repeated field of doubles, packed.</summary>
    public Message AddPacked(int field, IReadOnlyCollection<double> values) => Add(field, WireFormat.WireType.LengthDelimited, output =>
    {
        output.WriteLength(sizeof(double) * values.Count);
        foreach (double value in values) output.WriteDouble(value);
    });

    private Message Add(int field, WireFormat.WireType type, Action<CodedOutputStream> write)
    {
        fields.Add(output =>
        {
            output.WriteTag(field, type);
            write(output);
        });
        return this;
    }
}
