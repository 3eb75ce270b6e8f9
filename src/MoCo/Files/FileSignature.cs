using System.Text;

namespace MoCo.Files;

/// <summary>What a file is, by its first bytes, for messages of readers that read something else.</summary>
internal static class FileSignature
{
    /// <summary>How many bytes are looked at: a tar archive says what it is at byte 257.</summary>
    public const int Length = 512;

    // Enough for an XML declaration and a comment before the first element.
    private const int Shown = 24, Searched = 1024;

    // UTF-8's mark and white space.
    private static ReadOnlySpan<byte> MarkAndSpaces => [0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n'];

    private static readonly (int Place, byte[] Bytes, string What)[] Known =
    [
        (0, [.. "version https://git-lfs"u8], "a Git-LFS pointer to a file that was not fetched ('git lfs pull' does)"),
        (0, [.. "PK\x3\x4"u8], "a zip archive, as PyTorch's torch.save writes"),
        (0, [.. "PK\x5\x6"u8], "an empty zip archive"),
        (0, [0x80, 2], Pickle), (0, [0x80, 3], Pickle), (0, [0x80, 4], Pickle), (0, [0x80, 5], Pickle),
        (0, [0x89, .. "HDF\r\n\x1A\n"u8], "an HDF5 file, as Keras writes"),
        (0, [0x93, .. "NUMPY"u8], "a numpy array (.npy)"),
        (0, [.. "GGUF"u8], "a GGUF model"),
        (0, [.. "PAR1"u8], "a Parquet file"),
        (0, [0x1F, 0x8B], Compressed), (0, [.. "BZh"u8], Compressed), (0, [0xFD, .. "7zXZ"u8], Compressed),
        (0, [0x28, 0xB5, 0x2F, 0xFD], Compressed), (0, [0x37, 0x7A, 0xBC, 0xAF], Compressed),
        (257, [.. "ustar"u8], "a tar archive (unpack it first)"),
        (0, [0xFF, 0xD8], Jpeg), (0, [0x89, .. "P"u8], Png), (0, [.. "GIF"u8], Gif), (8, [.. "WEBP"u8], "a WebP"),
        (4, [.. "ftypavi"u8], "an AVIF"),
        (4, [.. "ftyphei"u8], "a HEIC"), (4, [.. "ftyphev"u8], "a HEIC"),
        (4, [.. "ftypmif1"u8], "a HEIC or AVIF"), (4, [.. "ftypmsf1"u8], "a HEIC or AVIF"),
        (4, [.. "ftypcrx"u8], "a raw photo (CR3)"),
        (4, [.. "ftyp"u8], "an MP4 or QuickTime film"),
        (0, [0, 0, 0, 12, .. "JXL "u8], "a JPEG XL"), (0, [0xFF, 0x0A], "a JPEG XL"),
        (0, [0, 0, 0, 12, .. "jP  "u8], "a JPEG 2000"), (0, [0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000"),
        (0, [.. "%PDF"u8], "a PDF"),
        (0, [.. "8BPS"u8], "a Photoshop file"),
        (0, [.. "qoif"u8], "a QOI"),
        (0, [.. "P7"u8], "a PAM"),
        (0, [.. "#?RADIANCE"u8], "a Radiance HDR"),
        (0, [0x76, 0x2F, 0x31, 0x01], "an OpenEXR"),
        (0, [.. "DDS "u8], "a DDS texture"),
        (0, [.. "RIFF"u8], "a film, a sound, or a truncated WebP"),
        (0, [0, 0, 2, 0], "a cursor (CUR)"),
        (0, [0, 5, 0x16, 7], "what macOS keeps beside a file (AppleDouble)"),
    ];

    private static readonly string[] PageStarts = ["<!doctype", "<html", "<head", "<?xml", "<!--"];

    /// <summary>Names of images that are read.</summary>
    public const string Jpeg = "a JPEG", Png = "a PNG", Gif = "a GIF";

    private const string Json = "JSON text", Pickle = "a Python pickle, as torch.save wrote before PyTorch 1.6",
        Compressed = "a compressed archive (unpack it first)";

    /// <summary>In words that follow "is".</summary>
    /// <param name="start">The first <see cref="Length"/> bytes, or all of a shorter file.</param>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "empty";
        string begins = $"(it begins with '{Printable(start)}')";
        return Name(start) switch
        {
            null => $"of no known format {begins}",
            Json => $"{Json} {begins}",
            string name => name,
        };
    }

    /// <summary>What to add to a message about a file that is not as expected: what it is; nothing where that is not known.</summary>
    public static string Remark(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[Length];
        int length = file.ReadAtLeast(start, Length, throwOnEndOfStream: false);
        return length > 0 && Name(start.AsSpan(0, length)) is { } name ? $"; it is {name}" : "";
    }

    /// <summary>What the file is, with its article; null where it is nothing that is known here.</summary>
    public static string? Name(ReadOnlySpan<byte> start)
    {
        foreach ((int place, byte[] bytes, string name) in Known)
            if (start.Length >= place && start[place..].StartsWith(bytes)) return name;
        if (IsOnnx(start)) return "an ONNX model";
        if (start.IndexOfAnyExcept((byte)0) < 0) return "a file of nothing but zeros";
        string text = Encoding.Latin1.GetString(start[..Math.Min(Searched, start.Length)].TrimStart(MarkAndSpaces));
        bool Has(string element) => text.Contains(element, StringComparison.OrdinalIgnoreCase);
        return text.StartsWith('{') || text.StartsWith('[') ? Json
            : !text.StartsWith('<') ? null
            : Has("<svg") ? "an SVG"
            : PageStarts.Any(page => text.StartsWith(page, StringComparison.OrdinalIgnoreCase))
                ? "a web page (HTML or XML), perhaps a server's answer instead of the file"
            : null;
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
