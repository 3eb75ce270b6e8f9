using System.Text;

namespace MoCo.Files;

/// <summary>What a file is, by its first bytes, for those who were given another than they read.</summary>
internal static class FileSignature
{
    /// <summary>How many bytes are looked at: a tar archive says what it is at byte 257.</summary>
    public const int Length = 512;

    private const int Shown = 24, TarMark = 257;

    private static readonly (string Start, string What)[] Known =
    [
        ("version https://git-lfs.github.com/spec/", "a Git-LFS pointer to a file that was not fetched ('git lfs pull' does)"),
        ("PK\u0003\u0004", "a zip archive, as PyTorch's torch.save writes"),
        ("PK\u0005\u0006", "an empty zip archive"),
        ("\u0080\u0002", Pickle), ("\u0080\u0003", Pickle), ("\u0080\u0004", Pickle), ("\u0080\u0005", Pickle),
        ("\u0089HDF\r\n\u001A\n", "an HDF5 file, as Keras writes"),
        ("\u0093NUMPY", "a numpy array (.npy)"),
        ("GGUF", "a GGUF model"),
        ("\u001F\u008B", Compressed), ("BZh", Compressed), ("\u00FD7zXZ", Compressed), ("(\u00B5/\u00FD", Compressed),
        ("7z\u00BC\u00AF", Compressed),
    ];

    private static readonly string[] PageStarts = ["<!doctype", "<html", "<head", "<?xml", "<!--", "<svg"];

    private const string Pickle = "a Python pickle, as torch.save wrote before PyTorch 1.6",
        Compressed = "a compressed archive (unpack it first)";

    /// <summary>In words that follow "is".</summary>
    /// <param name="start">The first <see cref="Length"/> bytes, or all of a shorter file.</param>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "empty";
        string text = Encoding.Latin1.GetString(start);
        if (Array.Find(Known, known => text.StartsWith(known.Start, StringComparison.Ordinal)).What is { } what) return what;
        if (text.Length > TarMark && text.AsSpan(TarMark).StartsWith("ustar")) return "a tar archive (unpack it first)";
        if (IsOnnx(start)) return "an ONNX model";
        // White space and UTF-8's byte order mark may stand before.
        string visible = text.TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (PageStarts.Any(page => visible.StartsWith(page, StringComparison.OrdinalIgnoreCase)))
            return "a web page (HTML or XML), perhaps a server's answer instead of the file";
        string begins = $"it begins with '{Printable(start)}'";
        return visible.Length > 0 && visible[0] is '{' or '[' ? $"JSON text ({begins})" : $"of no known format ({begins})";
    }

    /// <summary>The first bytes as text, those that are none as <c>\x1F</c>.</summary>
    public static string Printable(ReadOnlySpan<byte> start)
    {
        StringBuilder text = new();
        foreach (byte value in start[..Math.Min(Shown, start.Length)])
        {
            if (value is >= 0x20 and < 0x7F) text.Append((char)value);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
        }
        return text.ToString();
    }

    /// <summary>A protobuf message whose first field is the IR version, and whose second is one that a model has next: its producer, its
    /// domain or its operators.</summary>
    private static bool IsOnnx(ReadOnlySpan<byte> start) => start is [0x08, > 0 and < 32, 0x12 or 0x1A or 0x22 or 0x3A or 0x42, ..];
}
