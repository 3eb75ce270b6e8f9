using System.Buffers.Binary;
using System.Text;

namespace MoCo.Tests.Interop.Onnx;

/// <summary>Reads one protobuf message field by field, written from the wire format alone: it shares nothing with the writer.</summary>
internal sealed class ProtobufReader(ReadOnlyMemory<byte> bytes)
{
    /// <summary>All fields in the file's order: a varint as <c>ulong</c>, four bytes as <c>float</c>, bytes as memory.</summary>
    public IEnumerable<(int Field, object Value)> Fields()
    {
        int position = 0;
        while (position < bytes.Length)
        {
            ulong tag = Varint(ref position);
            switch (tag & 7)
            {
                case 0:
                    yield return ((int)(tag >> 3), Varint(ref position));
                    break;
                case 2:
                    int length = checked((int)Varint(ref position));
                    yield return ((int)(tag >> 3), bytes.Slice(position, length));
                    position += length;
                    break;
                case 5:
                    yield return ((int)(tag >> 3), BinaryPrimitives.ReadSingleLittleEndian(bytes.Span.Slice(position, 4)));
                    position += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at byte {position}");
            }
        }
        Assert.Equal(bytes.Length, position);
    }

    public IEnumerable<ProtobufReader> Messages(int field) => Of<ReadOnlyMemory<byte>>(field).Select(content => new ProtobufReader(content));

    public ProtobufReader Message(int field) => Assert.Single(Messages(field));

    public IEnumerable<string> Texts(int field) => Of<ReadOnlyMemory<byte>>(field).Select(content => Encoding.UTF8.GetString(content.Span));

    public string Text(int field) => Assert.Single(Texts(field));

    public IEnumerable<long> Numbers(int field) => Of<ulong>(field).Select(number => (long)number);

    public long Number(int field) => Assert.Single(Numbers(field));

    public ReadOnlyMemory<byte> Bytes(int field) => Assert.Single(Of<ReadOnlyMemory<byte>>(field));

    private IEnumerable<T> Of<T>(int field) => Fields().Where(entry => entry.Field == field).Select(entry => (T)entry.Value);

    private ulong Varint(ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = bytes.Span[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw new InvalidDataException($"varint without end at byte {position}");
    }
}
