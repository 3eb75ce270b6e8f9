using System.Buffers.Binary;
using System.IO.Compression;

namespace MoCo.Tests.Imaging;

/// <summary>Files that ask for as much memory and time as their format lets them, at a size that is just allowed.</summary>
internal static class HostileFiles
{
    /// <summary>Rows and columns: what a decoder keeps of four bytes a pixel is too large for a pool.</summary>
    public const int Side = 2100;

    /// <summary>Its code tables have no bound in the image's size.</summary>
    public const string ManyTables = "tables.webp";

    private static readonly byte[] Turned = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Each file's name, and what makes its content.</summary>
    public static IEnumerable<(string Name, Func<byte[]> Content)> All()
    {
        byte[] exif = Segment(0xE1, [.. "Exif\0\0"u8, .. Turned]);
        yield return ("progressive.jpg", () => Jpeg(3, exif));
        yield return ("progressive-cmyk.jpg", () => Jpeg(4, exif));
        byte[] small = DecodingFixture.Read("jpeg-420.jpg");
        IEnumerable<byte[]> profile = Enumerable.Range(1, 250).Select(
            part => Segment(0xE2, [.. "ICC_PROFILE\0"u8, (byte)part, 250, .. new byte[65_000]]));
        yield return ("profile.jpg", () => [.. small[..2], .. profile.SelectMany(segment => segment), .. small[2..]]);
        yield return ("film-behind-end.jpg", () => [.. small, .. Repeat([0xFF, 0xDA], 5_000_000)]);

        yield return ("interlaced-16.png", () => Png(Side, Side, 16, 6, isInterlaced: true, Chunk("eXIf", Turned)));
        byte[] text = Chunk("zTXt", [.. "Comment\0\0"u8, .. Zeros(7_900_000)]);
        yield return ("texts.png", () => Png(16, 16, 8, 6, false, Repeat(text, 300)));
        yield return ("chunk.png", () => Png(16, 16, 8, 6, false, Chunk("eXIf", [.. Turned, .. new byte[30_000_000]])));
        yield return ("goes-on.png", () => Png(16, 16, 8, 6, false, [], more: 300_000_000));
        yield return ("column.png", () => Png(4, 1_000_000, 8, 2, false, []));
        byte[] icon = Png(16, 16, 8, 6, false, text);
        yield return ("texts.ico", () => Ico(icon, 300));
        yield return ("images.ico", () => Ico(Png(16, 16, 8, 6, false, []), 65_000));

        byte[] webp = DecodingFixture.Read("webp-lossless.webp")[12..];
        byte[] extended = [.. "VP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 36, 0, 0];
        yield return ("chunks.webp", () => Webp([.. extended, .. Repeat([.. "odd_"u8, 0, 0, 0, 0], 500_000), .. webp]));
        yield return (ManyTables, () => Webp(Tables(1024, 1 << 16)));
        yield return ("goes-on.gif", () => Gif(16, 30_000_000));
        yield return ("gif.gif", () => Gif(Side, Side * Side));
        yield return ("ends.bmp", () => Bmp([.. Repeat([0, 0], 10_000_000)]));
        yield return ("empty.bmp", () => Bmp([0, 1]));

        yield return ("rgb-16.tif", () => Tiff(3, 16, [Zeros(Side * Side * 6)]));
        yield return ("planes-16.tif", () => Tiff(3, 16, [.. Enumerable.Repeat(Zeros(Side * Side * 2), 3)]));
        yield return ("goes-on.tif", () => Tiff(3, 8, [Zeros(300_000_000)]));
        yield return ("runs.tga", Tga);
        yield return ("comments.pgm", () => [.. "P5\n"u8, .. Repeat("#\n"u8.ToArray(), 5_000_000), .. "16 16\n255\n"u8, .. new byte[256]]);
        yield return ("digits.pgm", () =>
            [.. "P2\n16 16\n255\n"u8, .. Repeat("0"u8.ToArray(), 10_000_000), .. Repeat(" 1"u8.ToArray(), 256)]);
        yield return ("strip.pbm", () => [.. "P4\n4410000 1\n"u8, .. new byte[552_000]]);
    }

    private static byte[] Repeat(byte[] part, int times)
    {
        byte[] all = new byte[part.Length * times];
        for (int i = 0; i < times; i++) part.CopyTo(all, i * part.Length);
        return all;
    }

    private static byte[] Zeros(long count)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (byte[] zeros = new byte[1 << 20]; count > 0; count -= zeros.Length)
                zlib.Write(zeros.AsSpan(0, (int)Math.Min(count, zeros.Length)));
        }
        return packed.ToArray();
    }

    private static byte[] Segment(byte code, byte[] content) =>
        [0xFF, code, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    /// <summary>Progressive, so that all coefficients wait for the last scan; a scan for each channel, of codes of one bit.</summary>
    private static byte[] Jpeg(int channels, byte[] exif)
    {
        byte[] side = [Side >> 8, Side & 0xFF];
        List<byte> file = [0xFF, 0xD8, .. exif, .. Segment(0xDB, [0, .. Repeat([1], 64)])];
        byte[] parts = [.. Enumerable.Range(1, channels).SelectMany(channel => (byte[])[(byte)channel, 0x11, 0])];
        file.AddRange(Segment(0xC2, [8, .. side, .. side, (byte)channels, .. parts]));
        file.AddRange(Segment(0xC4, [0, 1, .. new byte[15], 0]));
        int blocks = ((Side / 8) + 1) * ((Side / 8) + 1);
        for (int channel = 1; channel <= channels; channel++)
            file.AddRange([.. Segment(0xDA, [1, (byte)channel, 0, 0, 0, 0]), .. new byte[(blocks / 8) + 1]]);
        return [.. file, 0xFF, 0xD9];
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(name), .. content];
        byte[] numbers = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(numbers, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(4), PngChecksums.Crc32(named));
        return [.. numbers[..4], .. named, .. numbers[4..]];
    }

    private static byte[] Png(int width, int height, byte bits, byte color, bool isInterlaced, byte[] before, long more = 0)
    {
        int bytesEach = bits / 8 * (color == 2 ? 3 : 4);
        long bytes = ((long)width * height * bytesEach) + (2L * height) + more;
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (bits, color, isInterlaced ? (byte)1 : (byte)0);
        return [
            0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. before, .. Chunk("IDAT", Zeros(bytes)), .. Chunk("IEND", [])];
    }

    private static byte[] Ico(byte[] image, int count)
    {
        byte[] list = new byte[6 + (16 * count)];
        (list[2], list[4], list[5]) = (1, (byte)count, (byte)(count >> 8));
        for (int i = 0; i < count; i++)
        {
            Span<byte> entry = list.AsSpan(6 + (16 * i), 16);
            (entry[0], entry[1], entry[6]) = (16, 16, 32);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], image.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], list.Length + (i * image.Length));
        }
        return [.. list, .. Repeat(image, count)];
    }

    private static byte[] Webp(byte[] chunks)
    {
        byte[] length = BitConverter.GetBytes(chunks.Length + 4);
        return [.. "RIFF"u8, .. length, .. "WEBP"u8, .. chunks];
    }

    /// <summary>A lossless image in which each tile of 4×4 pixels has five code tables of its own.</summary>
    private static byte[] Tables(int side, int groups)
    {
        LowBitsFirst bits = new();
        void OneSymbol(int times)
        {
            for (int i = 0; i < times; i++) bits.Add(0b0001, 4);
        }
        void EightBits(int symbols)
        {
            // Lengths of codes, themselves coded: '0' for none, '1' for eight.
            bits.Add(0, 1);
            bits.Add(8, 4);
            foreach (int symbol in new[] { 17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8 }) bits.Add(symbol is 0 or 8 ? 1 : 0, 3);
            bits.Add(0, 1);
            for (int symbol = 0; symbol < symbols; symbol++) bits.Add(symbol < 256 ? 1 : 0, 1);
        }
        bits.Add(0x2F, 8);
        bits.Add(side - 1, 14);
        bits.Add(side - 1, 14);
        bits.Add(0, 4); // no alpha, version 0
        bits.Add(0b00, 2); // no transform, no color cache
        bits.Add(0b0001, 4); // tables by tile, of 4×4
        bits.Add(0, 1);
        EightBits(280);
        EightBits(256);
        OneSymbol(3);
        int tiles = side / 4 * (side / 4);
        for (int tile = 0; tile < tiles; tile++)
        {
            bits.AddReversed(tile % groups & 0xFF);
            bits.AddReversed(tile % groups >> 8);
        }
        OneSymbol(5 * groups);
        byte[] tables = bits.Bytes();
        byte[] content = [.. tables, .. new byte[16 + (tables.Length % 2)]];
        return [.. "VP8L"u8, .. BitConverter.GetBytes(content.Length), .. content];
    }

    /// <summary>Codes of three bits that never grow: a clear code before each second pixel.</summary>
    private static byte[] Gif(int side, int pixels)
    {
        byte[] size = [(byte)side, (byte)(side >> 8), (byte)side, (byte)(side >> 8)];
        // Eight codes, clear and zero in turn, are three bytes.
        LowBitsFirst bits = new();
        for (int i = 0; i < 8; i++) bits.Add(i % 2 == 0 ? 4 : 0, 3);
        byte[] block = [252, .. Repeat(bits.Bytes(), 84)];
        const int pixelsOfBlock = 84 * 4;
        return [
            .. "GIF89a"u8, .. size, 0x80, 0, 0, 200, 100, 50, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. size, 0, 2,
            .. Repeat(block, (pixels / pixelsOfBlock) + 1), 0, 0x3B];
    }

    /// <summary>Run lengths of 8 bits.</summary>
    private static byte[] Bmp(byte[] runs)
    {
        byte[] header = new byte[54 + 1024];
        (header[0], header[1], header[14], header[26], header[28], header[30]) = ((byte)'B', (byte)'M', 40, 1, 8, 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2), header.Length + runs.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), Side);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), Side);
        return [.. header, .. runs];
    }

    /// <summary>Deflated, a strip for each plane, turned.</summary>
    private static byte[] Tiff(int samples, ulong bits, byte[][] strips)
    {
        ulong[] lengths = [.. strips.Select(strip => (ulong)strip.Length)];
        ulong[] places = new ulong[strips.Length];
        for (int i = 0, place = 16; i < places.Length; place += strips[i++].Length) places[i] = (ulong)place;
        (int, ulong[])[] entries =
        [
            (256, [Side]), (257, [Side]), (258, [.. Enumerable.Repeat(bits, samples)]), (259, [8]), (262, [2]), (273, places), (274, [6]),
            (277, [(ulong)samples]), (278, [Side]), (279, lengths), (284, [strips.Length > 1 ? 2u : 1]),
        ];
        byte[] file = TiffBytes.Write(big: false, little: true, entries, strips.Sum(strip => strip.Length));
        for (int i = 0; i < strips.Length; i++) strips[i].CopyTo(file, (int)places[i]);
        return file;
    }

    private static byte[] Tga()
    {
        byte[] header = [0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, Side & 0xFF, Side >> 8, Side & 0xFF, Side >> 8, 32, 8];
        byte[] row = [.. Repeat([0xFF, 1, 2, 3, 4], Side / 128), (byte)(0x7F + (Side % 128)), 1, 2, 3, 4];
        return [.. header, .. Repeat(row, Side)];
    }

    private sealed class LowBitsFirst
    {
        private readonly List<byte> bytes = [];
        private int left, used;

        public void Add(int value, int count)
        {
            left |= value << used;
            for (used += count; used >= 8; used -= 8, left >>= 8) bytes.Add((byte)left);
        }

        public void AddReversed(int value)
        {
            for (int bit = 7; bit >= 0; bit--) Add((value >> bit) & 1, 1);
        }

        public byte[] Bytes() => [.. bytes, .. used > 0 ? [(byte)left] : Array.Empty<byte>()];
    }
}
