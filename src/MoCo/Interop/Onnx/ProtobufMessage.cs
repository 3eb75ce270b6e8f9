using System.Buffers;
using System.Text;
using MoCo.Reporting;

namespace MoCo.Interop.Onnx;

/// <summary>
/// A protobuf message in the making: a field is its number and wire type as one varint, then a varint or a
/// length and that many bytes. Written by hand because a model's weights must pass to the file without being gathered in
/// memory as a message object, and because what ONNX needs of the format are these few lines.
/// </summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0, LengthDelimited = 2;
    private readonly ArrayBufferWriter<byte> bytes = new();

    public long Length => bytes.WrittenCount;

    public ProtobufMessage Number(int field, long value)
    {
        Tag(field, Varint);
        WriteVarint((ulong)value);
        return this;
    }

    /// <summary>One entry for each number, as proto2 writes repeated fields.</summary>
    public ProtobufMessage Numbers(int field, IEnumerable<long> values)
    {
        foreach (long value in values) Number(field, value);
        return this;
    }

    public ProtobufMessage Text(int field, string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(value);
        Begin(field, text.Length);
        bytes.Write(text);
        return this;
    }

    public ProtobufMessage Message(int field, ProtobufMessage value)
    {
        Begin(field, value.Length);
        return Append(value);
    }

    /// <summary>Tag and length of a field whose content the caller writes after this message.</summary>
    public ProtobufMessage Begin(int field, long length)
    {
        Tag(field, LengthDelimited);
        WriteVarint((ulong)length);
        return this;
    }

    /// <summary>Takes over another message's fields.</summary>
    public ProtobufMessage Append(ProtobufMessage other)
    {
        bytes.Write(other.bytes.WrittenSpan);
        return this;
    }

    public void WriteTo(Stream stream) => stream.Write(bytes.WrittenSpan);

    private void Tag(int field, int wireType) => WriteVarint((ulong)(field << 3 | wireType));

    private void WriteVarint(ulong value)
    {
        for (; value > 0x7F; value >>= 7) bytes.Write([(byte)(value | 0x80)]);
        bytes.Write([(byte)value]);
    }
}
