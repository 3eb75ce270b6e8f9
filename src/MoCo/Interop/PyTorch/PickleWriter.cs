using System.Collections;
using System.Numerics;
using System.Text;

namespace MoCo.Interop.PyTorch;

/// <summary>Writes plain values as a pickle of protocol 2, with no other opcodes than those that torch.load(weights_only=True) takes.
/// Values of other types go to <paramref name="other"/>.</summary>
internal sealed class PickleWriter(BinaryWriter writer, Func<PickleWriter, object, bool>? other = null)
{
    private const int DepthLimit = 100;
    private int depth;

    public void Start() => Write([0x80, 2]);

    public void Stop() => Write("."u8);

    /// <summary>Writes operations that take no arguments, or the bytes that <see cref="BytesHeader"/> announced.</summary>
    public void Write(ReadOnlySpan<byte> operations) => writer.Write(operations);

    public void Global(string module, string name) => Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    /// <summary>Bytes as Python 3 has them; the caller writes <paramref name="length"/> bytes next.</summary>
    public void BytesHeader(long length)
    {
        Write([length <= uint.MaxValue ? (byte)'B' : (byte)0x8e]);
        if (length <= uint.MaxValue) writer.Write((uint)length);
        else writer.Write(length);
    }

    /// <exception cref="NotSupportedException">The value, or one within, is of a type that a checkpoint can't hold.</exception>
    public void Value(object? value)
    {
        switch (value)
        {
            case null: Write("N"u8); break;
            case bool truth: Write([truth ? (byte)0x88 : (byte)0x89]); break;
            case int or long or short or byte or sbyte or ushort or uint: Number(Convert.ToInt64(value, null)); break;
            case BigInteger big: Long(big); break;
            case double or float: Number(Convert.ToDouble(value, null)); break;
            case string text: Text(text); break;
            case IDictionary dictionary: Container(() => Dictionary(dictionary)); break;
            case object?[] tuple: Container(() => Tuple(tuple)); break;
            case IList list when value is not byte[]: Container(() => List(list)); break;
            default:
                if (other is null || !other(this, value))
                {
                    throw new NotSupportedException($"A {value.GetType()} can't be written; expected null, bool, a number, text, a tensor, "
                        + "or dictionaries, lists and tuples (object[]) of those.");
                }
                break;
        }
    }

    public void Tuple(params IReadOnlyList<object?> items)
    {
        Write("("u8);
        foreach (object? item in items) Value(item);
        Write("t"u8);
    }

    private void Container(Action write)
    {
        if (++depth > DepthLimit)
            throw new NotSupportedException($"The containers are nested deeper than {DepthLimit}, or hold themselves.");
        write();
        depth--;
    }

    private void Dictionary(IDictionary dictionary)
    {
        Write("}("u8);
        foreach (DictionaryEntry entry in dictionary)
        {
            Value(entry.Key);
            Value(entry.Value);
        }
        Write("u"u8);
    }

    private void List(IList list)
    {
        Write("]("u8);
        foreach (object? item in list) Value(item);
        Write("e"u8);
    }

    private void Number(long value)
    {
        if (value is < int.MinValue or > int.MaxValue)
        {
            Long(value);
            return;
        }
        Write("J"u8);
        writer.Write((int)value);
    }

    private void Number(double value)
    {
        Write("G"u8);
        writer.Write(BinaryPrimitives.ReverseEndianness(BitConverter.DoubleToInt64Bits(value)));
    }

    private void Long(BigInteger value)
    {
        byte[] bytes = value.ToByteArray();
        if (bytes.Length > byte.MaxValue)
            throw new NotSupportedException($"A whole number of {bytes.Length} bytes can't be written; expected up to 255.");
        Write([0x8a, (byte)bytes.Length, .. bytes]);
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write("X"u8);
        writer.Write(bytes.Length);
        Write(bytes);
    }
}
