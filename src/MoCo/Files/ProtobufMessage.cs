using System.Buffers;
using System.Text;

namespace MoCo.Files;

/// <summary>A protobuf message under construction: a field is its number and wire type as one varint, then a varint, 4 or 8 bytes, or a
/// length and that many bytes.</summary>
/// <remarks>Written by hand because a model's weights must pass to the file without being gathered in memory as a message object, and
/// because these few lines are all that ONNX and TensorBoard need of the format: the package depends on no protobuf library.</remarks>
internal sealed class ProtobufMessage
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;
    private readonly ArrayBufferWriter<byte> bytes = new();

    public long Length => bytes.WrittenCount;

    public ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

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

    public ProtobufMessage Float(int field, float value)
    {
        Tag(field, Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.GetSpan(sizeof(float)), value);
        bytes.Advance(sizeof(float));
        return this;
    }

    public ProtobufMessage Double(int field, double value)
    {
        Tag(field, Fixed64);
        WriteDouble(value);
        return this;
    }

    /// <summary>One entry for all numbers, packed, as proto3 writes repeated fields.</summary>
    public ProtobufMessage Doubles(int field, IReadOnlyCollection<double> values)
    {
        Begin(field, sizeof(double) * values.Count);
        foreach (double value in values) WriteDouble(value);
        return this;
    }

    public ProtobufMessage Text(int field, string value) => Content(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Message(int field, ProtobufMessage value) => Content(field, value.Bytes);

    public ProtobufMessage Content(int field, ReadOnlySpan<byte> value)
    {
        Begin(field, value.Length);
        bytes.Write(value);
        return this;
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
        bytes.Write(other.Bytes);
        return this;
    }

    public void WriteTo(Stream stream) => stream.Write(Bytes);

    private void Tag(int field, int wireType) => WriteVarint((ulong)(field << 3 | wireType));

    private void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.GetSpan(sizeof(double)), value);
        bytes.Advance(sizeof(double));
    }

    private void WriteVarint(ulong value)
    {
        for (; value > 0x7F; value >>= 7) bytes.Write([(byte)(value | 0x80)]);
        bytes.Write([(byte)value]);
    }
}
