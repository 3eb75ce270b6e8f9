using System.Buffers.Binary;
using System.Text;

namespace MoCo.Tests.Data;

/// <summary>Writes tar files entry by entry, in any dialect and with any fault of form that readers let pass.</summary>
internal sealed class OddTar(Random random)
{
    private const int Block = 512;

    private static readonly string[] Scripts = ["a", "猫", "été", "ж", "😀", "a b", "Ａ", "-x", "%20", "n'\"", "ÿ"];
    private static readonly string[] Others = [".txt", ".seg.png", "", ".", ".JSON5", ".jpg.bak"];

    private readonly List<byte> bytes = [];

    private enum Dialect { Old, Ustar, Gnu, Pax }

    /// <summary>A file of a few samples, entries of every kind between them, and one of many ends.</summary>
    public static byte[] Make(int seed)
    {
        Random random = new(seed);
        Dialect dialect = (Dialect)random.Next(4);
        OddTar tar = new(random);
        if (dialect == Dialect.Pax && random.Next(3) == 0) tar.Extended('g', "comment=of all");
        for (int samples = random.Next(1, 9); samples > 0; samples--) tar.Sample(dialect);
        byte[] one = tar.End(random.Next(3));
        return random.Next(6) switch
        {
            // Behind the end marks, or without any.
            0 => [.. one, .. Enumerable.Range(0, random.Next(1, 2000)).Select(_ => (byte)random.Next(1, 256))],
            1 => [.. one, .. new byte[random.Next(20) * Block]],
            2 => [.. one, .. new byte[Block], .. tar.bytes],
            _ => one,
        };
    }

    /// <summary>What was added, with end marks behind it.</summary>
    public byte[] End(int marks) => [.. bytes, .. new byte[marks * Block]];

    /// <summary>Adds an entry as it is.</summary>
    /// <param name="name">At most 100 bytes.</param>
    /// <param name="type">The kind.</param>
    /// <param name="content">What follows the header.</param>
    /// <param name="claimedSize">What the header says of its size, where that is not so.</param>
    /// <param name="mapBlocks">Blocks between header and content, of a sparse file.</param>
    /// <param name="prefix">What goes before the name, with ustar's mark.</param>
    /// <param name="isGnu">GNU's mark instead.</param>
    public void Add(
        string name, char type, byte[] content, long? claimedSize = null, int mapBlocks = 0, string? prefix = null, bool isGnu = false) =>
        Add(Encoding.UTF8.GetBytes(name), type, content, claimedSize, mapBlocks, prefix, isGnu);

    private void Add(
        byte[] name, char type, byte[] content, long? claimedSize = null, int mapBlocks = 0, string? prefix = null, bool isGnu = false)
    {
        Span<byte> header = new byte[Block];
        name.AsSpan(0, Math.Min(name.Length, 100)).CopyTo(header);
        Text(header, 100, "0000644\0");
        Text(header, 108, "0000000\0");
        Text(header, 116, "0000000\0");
        long size = claimedSize ?? content.Length;
        if (random.Next(5) == 0)
        {
            header[124] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(header[128..], size);
        }
        else Text(header, 124, Convert.ToString(size, 8).PadLeft(11, random.Next(2) == 0 ? '0' : ' ') + (random.Next(2) == 0 ? '\0' : ' '));
        Text(header, 136, "00000000000\0");
        header[156] = (byte)type;
        if (prefix is not null) Text(header, 257, "ustar\000" + new string('\0', 80) + prefix);
        if (isGnu) Text(header, 257, "ustar  \0");
        if (type == 'S') header[482] = (byte)(mapBlocks > 0 ? 1 : 0);
        Text(header, 148, "        ");
        int sum = 0;
        foreach (byte value in header) sum += value;
        Text(header, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        bytes.AddRange(header);
        for (int map = 0; map < mapBlocks; map++)
        {
            byte[] block = new byte[Block];
            block[504] = (byte)(map + 1 < mapBlocks ? 1 : 0);
            bytes.AddRange(block);
        }
        bytes.AddRange(content);
        while (bytes.Count % Block != 0) bytes.Add(0);
    }

    private void Sample(Dialect dialect)
    {
        string stem = Stem(dialect);
        List<(string Ending, string Content)> parts = [];
        string image = new((char)random.Next('a', 'z'), random.Next(0, 1500));
        if (random.Next(8) > 0) parts.Add((Pick(".jpg", ".png", ".JPEG", ".webp"), image));
        if (random.Next(3) > 0) parts.Add((".cls", Pick("0", "7", " 12\n", "none", "-1", "")));
        if (random.Next(4) == 0) parts.Add((".json", Pick("""{"label": 3}""", """{"x": 1}""", "[]")));
        if (random.Next(6) == 0) parts.Add((Pick(".jpg", ".cls"), "5"));
        if (random.Next(3) == 0) parts.Add((Pick(Others), "other"));
        foreach ((string ending, string content) in parts.OrderBy(_ => random.Next()))
        {
            if (random.Next(6) == 0) Odd(dialect, stem);
            Member(dialect, stem + ending, Encoding.UTF8.GetBytes(content));
        }
    }

    private void Member(Dialect dialect, string name, byte[] content)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        char type = Pick('0', dialect == Dialect.Old ? '\0' : '0', '7');
        switch (dialect)
        {
            case Dialect.Old:
                if (random.Next(10) == 0) utf8 = [.. utf8[..Math.Min(2, utf8.Length)], 0xFF, .. utf8[Math.Min(2, utf8.Length)..]];
                Add(utf8, type, content);
                break;
            case Dialect.Ustar:
                int slash = utf8.Length > 100 ? name.LastIndexOf('/') : -1;
                if (slash < 0) Add(utf8, type, content, prefix: "");
                else Add(name[(slash + 1)..], type, content, prefix: name[..slash]);
                break;
            case Dialect.Gnu:
                if (utf8.Length > 100 || random.Next(5) == 0) Add("././@LongLink", 'L', [.. utf8, 0], isGnu: true);
                Add(utf8, type, content, isGnu: true);
                break;
            default:
                if (utf8.Length > 100 || random.Next(5) == 0) Extended(Pick('x', 'x', 'X'), $"path={name}");
                Add(utf8, type, content, prefix: "");
                break;
        }
    }

    /// <summary>An entry that is no file.</summary>
    private void Odd(Dialect dialect, string stem)
    {
        string name = stem.Length < 90 ? stem + Pick(".jpg", "", "/") : "odd.jpg";
        switch (random.Next(6))
        {
            case 0:
                Add(name, Pick('1', '2'), [], claimedSize: random.Next(2) * 3000);
                break;
            case 1:
                Add(name, '5', [], claimedSize: random.Next(2) * 700);
                break;
            case 2:
                Add(name, Pick('3', '4', '6'), []);
                break;
            case 3 when dialect == Dialect.Gnu:
                Add("././@LongLink", 'K', [.. Encoding.UTF8.GetBytes(new string('k', 130)), 0], isGnu: true);
                Add(name, '2', [], isGnu: true);
                break;
            case 4 when dialect == Dialect.Gnu:
                Add(name, 'S', new byte[random.Next(900)], mapBlocks: random.Next(3), isGnu: true);
                break;
            default:
                Add("folder.jpg/", '\0', []);
                break;
        }
    }

    private void Extended(char type, params string[] records)
    {
        List<byte> content = [];
        foreach (string record in records)
        {
            int rest = Encoding.UTF8.GetByteCount(record) + 2, length = rest;
            while (length != rest + $"{length}".Length) length = rest + $"{length}".Length;
            content.AddRange(Encoding.UTF8.GetBytes($"{length} {record}\n"));
        }
        Add("PaxHeaders/x", type, [.. content], prefix: "");
    }

    private string Stem(Dialect dialect)
    {
        string name = Pick(Scripts) + random.Next(3);
        string folder = random.Next(3) == 0 ? "" : Pick("x/", "./", "a.b/", "/", "../");
        // Longer than a header holds, where the dialect has a way for it.
        bool isLong = dialect != Dialect.Old && random.Next(4) == 0;
        int depth = !isLong ? 0 : dialect == Dialect.Ustar ? 15 : random.Next(15, 60);
        return isLong ? string.Concat(Enumerable.Repeat("folder/", depth)) + name : folder + name;
    }

    private T Pick<T>(params T[] among) => among[random.Next(among.Length)];

    private static void Text(Span<byte> header, int at, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header[at..]);
}
