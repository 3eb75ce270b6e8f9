using System.Buffers.Binary;

namespace SixLabors.ImageSharp.Codecs;

/// <summary>A BMP: 1 to 32 bits per pixel, with palette, bit fields or run-length coding.</summary>
internal sealed class BitmapFile
{
    private const int FileHeader = 14;
    private const int CoreHeader = 12;
    private const int InfoHeader = 40;

    private readonly int bits;
    private readonly int compression;
    private readonly bool topDown;
    private readonly int offset;
    private readonly byte[] palette;
    private readonly BitField[] fields;

    private BitmapFile(ReadOnlySpan<byte> file)
    {
        var header = Part(file, FileHeader, 4);
        var headerLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (headerLength != CoreHeader && headerLength is < InfoHeader or > 1024) throw Damaged($"a header of {headerLength} bytes");
        header = Part(file, FileHeader, (int)headerLength);
        var core = headerLength == CoreHeader;
        int width = core ? BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) : BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        int height = core ? BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) : BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        topDown = height < 0;
        if (width < 1 || height is 0 or int.MinValue) throw Damaged($"a size of {width}×{height}");
        Size = new Size(width, Math.Abs(height));
        if ((long)width * Size.Height * 3 > Array.MaxLength) throw Damaged($"a picture of {width}×{Size.Height} pixels is too large");

        bits = BinaryPrimitives.ReadUInt16LittleEndian(header[(core ? 10 : 14)..]);
        compression = core ? 0 : BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        var supported = (bits, compression) is (1 or 2 or 4 or 8 or 16 or 24 or 32, 0) or (8, 1) or (4, 2) or (16 or 32, 3 or 6);
        if (!supported) throw Damaged($"{bits} bits per pixel with compression {compression}");
        if (compression is 1 or 2 && topDown) throw Damaged("run-length coding from the top");

        var after = FileHeader + (int)headerLength;
        fields = Fields(file, after);
        if (compression is 3 or 6 && headerLength == InfoHeader) after += compression == 3 ? 12 : 16;
        offset = BinaryPrimitives.ReadInt32LittleEndian(Part(file, 10, 4));
        if (offset < after || offset > file.Length) throw Damaged($"pixels at byte {offset}");
        palette = bits <= 8 ? Palette(file[after..offset], core ? 3 : 4) : [];
    }

    internal Size Size { get; }

    internal static BitmapFile Parse(ReadOnlySpan<byte> file) => new(file);

    internal void Decode(ReadOnlySpan<byte> file, Span<byte> rgb)
    {
        if (compression is 1 or 2)
        {
            BitmapRuns.Decode(file[offset..], bits, Size, palette, rgb);
            return;
        }

        var stride = (((long)Size.Width * bits) + 31) / 32 * 4;
        if (file.Length - offset < stride * (Size.Height - 1) + ((((long)Size.Width * bits) + 7) / 8)) throw Damaged("the file is truncated");
        for (var y = 0; y < Size.Height; y++)
        {
            var row = file[(offset + (int)(y * stride))..];
            var to = rgb.Slice((topDown ? y : Size.Height - 1 - y) * Size.Width * 3, Size.Width * 3);
            if (bits <= 8) DecodeIndexed(row, to);
            else if (bits == 24) DecodeBytes(row, to);
            else DecodeFields(row, to);
        }
    }

    private void DecodeIndexed(ReadOnlySpan<byte> row, Span<byte> to)
    {
        for (var x = 0; x < Size.Width; x++)
        {
            var bit = x * bits;
            var index = (row[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
            palette.AsSpan(index * 3, 3).CopyTo(to[(x * 3)..]);
        }
    }

    private void DecodeBytes(ReadOnlySpan<byte> row, Span<byte> to)
    {
        for (var i = 0; i < Size.Width * 3; i += 3)
            (to[i], to[i + 1], to[i + 2]) = (row[i + 2], row[i + 1], row[i]);
    }

    private void DecodeFields(ReadOnlySpan<byte> row, Span<byte> to)
    {
        for (var x = 0; x < Size.Width; x++)
        {
            var pixel = bits == 16 ? BinaryPrimitives.ReadUInt16LittleEndian(row[(x * 2)..]) : BinaryPrimitives.ReadUInt32LittleEndian(row[(x * 4)..]);
            for (var c = 0; c < 3; c++)
                to[(x * 3) + c] = fields[c].Value(pixel);
        }
    }

    private BitField[] Fields(ReadOnlySpan<byte> file, int at)
    {
        if (compression is 3 or 6)
        {
            // After the header of 40 bytes, or at the same place within a longer one.
            var masks = Part(file, FileHeader + InfoHeader, 12);
            return [new(BinaryPrimitives.ReadUInt32LittleEndian(masks)), new(BinaryPrimitives.ReadUInt32LittleEndian(masks[4..])), new(BinaryPrimitives.ReadUInt32LittleEndian(masks[8..]))];
        }

        return bits == 16 ? [new(0x7C00), new(0x03E0), new(0x001F)] : [new(0xFF0000), new(0xFF00), new(0xFF)];
    }

    /// <summary>The palette as red, green, blue; black where the file has fewer colours than its pixels may name.</summary>
    private byte[] Palette(ReadOnlySpan<byte> bytes, int entry)
    {
        var colors = new byte[3 << bits];
        for (var i = 0; i < 1 << bits && (i + 1) * entry <= bytes.Length; i++)
            (colors[i * 3], colors[(i * 3) + 1], colors[(i * 3) + 2]) = (bytes[(i * entry) + 2], bytes[(i * entry) + 1], bytes[i * entry]);
        return colors;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> file, int start, int length) =>
        start + length <= file.Length ? file.Slice(start, length) : throw Damaged("the file is truncated");

    internal static InvalidImageContentException Damaged(string what) => new($"Bitmap: {what}");
}
