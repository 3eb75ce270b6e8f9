using System.Buffers.Binary;
using System.Text;

namespace MoCo.Interop.Pickle;

/// <summary>The bytes of a pickle, each asked for before memory is taken for it.</summary>
internal sealed class PickleReader(Stream stream, long available)
{
    private const int LineLimit = 512;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    public byte Byte()
    {
        int value = Position < available ? stream.ReadByte() : -1;
        if (value < 0) throw new FormatException($"its pickle ends at byte {Position} without a stop");
        Position++;
        return (byte)value;
    }

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>The next <paramref name="count"/> bytes, if the pickle has so many.</summary>
    public byte[] Take(long count)
    {
        if (count < 0 || count > available - Position || count > Array.MaxLength)
            throw new FormatException($"its pickle asks for {count} bytes at byte {Position}; {available - Position} are left");
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        Position += count;
        return bytes;
    }

    public string Text(long count) => Decode(Take(count));

    /// <summary>A line of ASCII, as global names are written.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (byte next; (next = Byte()) != '\n'; line.Append((char)next))
            if (line.Length == LineLimit) throw new FormatException($"its pickle has a name of more than {LineLimit} letters");
        return line.ToString();
    }

    private static string Decode(byte[] bytes)
    {
        try
        {
            // Python lets lone surrogates through; no name of a tensor has any.
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("its pickle has text that is not UTF-8", e);
        }
    }
}
