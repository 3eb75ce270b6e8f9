using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using System.Text;

namespace MoCo.Interop.Pickle;

/// <summary>
/// Writes plain values as a pickle of protocol 2, with no other opcodes than those that torch.load(weights_only=True)
/// takes. Values of other types go to <paramref name="other"/>.
/// </summary>
internal sealed class PickleWriter(Stream stream, Func<PickleWriter, object, bool>? other = null)
{
    private const int DepthLimit = 100;
    private int depth;

    public void Start() => stream.Write([0x80, 2]);

    public void Stop() => stream.WriteByte((byte)'.');

    public void Operation(byte code) => stream.WriteByte(code);

    public void Global(string module, string name) => stream.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    /// <summary>Bytes as Python 3 has them; the caller writes <paramref name="length"/> bytes to the stream next.</summary>
    public void BytesHeader(long length)
    {
        Span<byte> header = stackalloc byte[9];
        if (length <= uint.MaxValue)
        {
            header[0] = (byte)'B';
            BinaryPrimitives.WriteUInt32LittleEndian(header[1..], (uint)length);
            stream.Write(header[..5]);
            return;
        }
        header[0] = 0x8e;
        BinaryPrimitives.WriteInt64LittleEndian(header[1..], length);
        stream.Write(header);
    }

    /// <exception cref="NotSupportedException">The value, or one within, is of a type that a checkpoint can't hold.</exception>
    public void Value(object? value)
    {
        switch (value)
        {
            case null: Operation((byte)'N'); break;
            case bool truth: Operation(truth ? (byte)0x88 : (byte)0x89); break;
            case int or long or short or byte or sbyte or ushort or uint: Number(Convert.ToInt64(value, null)); break;
            case BigInteger big: Long(big); break;
            case double or float: Number(Convert.ToDouble(value, null)); break;
            case string text: Text(text); break;
            case IDictionary dictionary: Container(() => Dictionary(dictionary)); break;
            case object?[] tuple: Container(() => Tuple(tuple)); break;
            case IList list when value is not byte[]: Container(() => List(list)); break;
            default:
                if (other is null || !other(this, value)) throw new NotSupportedException($"A {value.GetType()} can't be written; expected null, bool, a number, text, a tensor, or dictionaries, lists and tuples (object[]) of those.");
                break;
        }
    }

    public void Tuple(params IReadOnlyList<object?> items)
    {
        Operation((byte)'(');
        foreach (object? item in items) Value(item);
        Operation((byte)'t');
    }

    private void Container(Action write)
    {
        if (++depth > DepthLimit) throw new NotSupportedException($"The containers are nested deeper than {DepthLimit}, or hold themselves.");
        write();
        depth--;
    }

    private void Dictionary(IDictionary dictionary)
    {
        stream.Write("}("u8);
        foreach (DictionaryEntry entry in dictionary)
        {
            Value(entry.Key);
            Value(entry.Value);
        }
        Operation((byte)'u');
    }

    private void List(IList list)
    {
        stream.Write("]("u8);
        foreach (object? item in list) Value(item);
        Operation((byte)'e');
    }

    private void Number(long value)
    {
        if (value is < int.MinValue or > int.MaxValue)
        {
            Long(value);
            return;
        }
        Span<byte> bytes = stackalloc byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], (int)value);
        stream.Write(bytes);
    }

    private void Long(BigInteger value)
    {
        byte[] bytes = value.ToByteArray();
        if (bytes.Length > byte.MaxValue) throw new NotSupportedException($"A whole number of {bytes.Length} bytes can't be written; expected up to 255.");
        stream.Write([0x8a, (byte)bytes.Length, .. bytes]);
    }

    private void Number(double value)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(bytes[1..], value);
        stream.Write(bytes);
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> header = stackalloc byte[5];
        header[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], bytes.Length);
        stream.Write(header);
        stream.Write(bytes);
    }
}
