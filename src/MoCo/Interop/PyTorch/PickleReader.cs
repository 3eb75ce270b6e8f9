using System.Text;

namespace MoCo.Interop.PyTorch;

/// <summary>A pickle's bytes within a file, from an offset on, each asked for before memory is taken for it.</summary>
internal sealed class PickleReader(DataFile file, long offset, long available)
{
    private const int LineLimit = 512;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] buffer = new byte[1 << 16];
    private int next, filled;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    public byte Byte()
    {
        if (Position == available) throw new FormatException($"its pickle ends at byte {Position} without a stop");
        if (next == filled)
        {
            (next, filled) = (0, (int)Math.Min(buffer.Length, available - Position));
            file.Read(offset + Position, buffer.AsSpan(0, filled));
        }
        Position++;
        return buffer[next++];
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
        byte[] bytes = new byte[count];
        int buffered = (int)Math.Min(count, filled - next);
        buffer.AsSpan(next, buffered).CopyTo(bytes);
        file.Read(offset + Position + buffered, bytes.AsSpan(buffered));
        next += buffered;
        Position += count;
        return bytes;
    }

    public string Text(long count)
    {
        byte[] bytes = Take(count);
        try
        {
            // Python lets lone surrogates through; no name of a tensor has any.
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("its pickle has text that is not UTF-8", e);
        }
    }

    /// <summary>A line of ASCII, as global names are written.</summary>
    public string Line()
    {
        StringBuilder line = new();
        for (byte next; (next = Byte()) != '\n'; line.Append((char)next))
            if (line.Length == LineLimit) throw new FormatException($"its pickle has a name of more than {LineLimit} letters");
        return line.ToString();
    }
}
