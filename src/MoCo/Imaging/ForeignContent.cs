using System.Text;

namespace MoCo.Imaging;

/// <summary>Names what files under an image's name turn out to hold.</summary>
internal static class ForeignContent
{
    // Enough for an XML declaration and a comment before the first element.
    private const int Searched = 1024;

    private static readonly (int Place, byte[] Bytes, string Name)[] Starts =
    [
        (0, [0xFF, 0xD8], "a damaged or truncated JPEG"),
        (0, [0x89, .. "P"u8], "a damaged or truncated PNG"),
        (0, [.. "GIF"u8], "a damaged or truncated GIF"),
        (4, [.. "ftypavi"u8], "an AVIF"),
        (4, [.. "ftyphei"u8], "a HEIC"),
        (4, [.. "ftyphev"u8], "a HEIC"),
        (4, [.. "ftypmif1"u8], "a HEIC or AVIF"),
        (4, [.. "ftypmsf1"u8], "a HEIC or AVIF"),
        (4, [.. "ftypcrx"u8], "a raw photo (CR3)"),
        (4, [.. "ftyp"u8], "an MP4 or QuickTime film"),
        (0, [0, 0, 0, 12, .. "JXL "u8], "a JPEG XL"),
        (0, [0xFF, 0x0A], "a JPEG XL"),
        (0, [0, 0, 0, 12, .. "jP  "u8], "a JPEG 2000"),
        (0, [0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000"),
        (0, [.. "version https://git-lfs"u8], "a pointer of Git LFS, whose file was not fetched,"),
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
        (0, [.. "PK\x3\x4"u8], "a zip"),
        (0, [0x1F, 0x8B], "a gzip"),
    ];

    // UTF-8's mark and white space.
    private static ReadOnlySpan<byte> MarkAndSpaces => [0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n'];

    /// <summary>The kind of content, with its article; null where it is none of those listed here.</summary>
    internal static string? Name(ReadOnlySpan<byte> file)
    {
        foreach ((int place, byte[] bytes, string name) in Starts)
            if (file.Length >= place && file[place..].StartsWith(bytes)) return name;
        if (file.IndexOfAnyExcept((byte)0) < 0) return "a file of nothing but zeros";
        ReadOnlySpan<byte> beginning = file[..Math.Min(Searched, file.Length)].TrimStart(MarkAndSpaces);
        string text = Encoding.Latin1.GetString(beginning);
        bool Has(string element) => text.Contains(element, StringComparison.OrdinalIgnoreCase);
        return !text.StartsWith('<') ? text.StartsWith('{') ? "a JSON text" : null
            : Has("<svg") ? "an SVG" : Has("<html") || Has("<!doctype html") ? "a web page" : "an XML or HTML text";
    }
}
