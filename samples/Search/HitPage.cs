using System.Globalization;
using System.Net;
using System.Text;
using MoCo.Imaging;
using Samples;

namespace Search;

/// <summary>One self-contained page: queries and what was found, with small images in it. No script, nothing from the network.</summary>
internal static class HitPage
{
    private const int ThumbnailSide = 320;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --paper: #fcfcfd; --card: #f0f0f3; --mark: #3e63dd; }
        @media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --paper: #111113; --card: #212225; --mark: #9eb1ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.25rem; max-width: 90rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        h1 { font-size: 1.3rem; margin: 0; }
        p { color: var(--soft); margin: .2rem 0 1.5rem; }
        section { display: grid; grid-template-columns: minmax(0, 15rem) minmax(0, 1fr); gap: 1rem; margin: 0 0 1.5rem; }
        ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9rem, 100%), 1fr)); gap: .75rem; list-style: none; margin: 0; padding: 0; }
        figure { margin: 0; padding: .5rem; background: var(--card); border-radius: .5rem; min-width: 0; }
        .query { border: 2px solid var(--mark); align-self: start; }
        img, .none { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; border-radius: .25rem; }
        .none { display: grid; place-items: center; color: var(--soft); }
        figcaption { margin-top: .4rem; font-size: .8rem; overflow-wrap: anywhere; }
        figcaption b { font-variant-numeric: tabular-nums; }
        meter { width: 100%; height: .5rem; display: block; }
        a { color: inherit; }
        @media (max-width: 40rem) { section { grid-template-columns: minmax(0, 1fr); } body { padding: .75rem; } ol { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
        """;

    /// <summary>Refuses a file that can't be written, before the work rather than after.</summary>
    /// <exception cref="UsageException">A folder is missing or stands where the file shall be.</exception>
    public static void CheckFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new UsageException($"'{path}' can't be written; expected the name of a file in a folder that exists.");
    }

    /// <summary>Writes the page, atomically.</summary>
    public static void Write(string path, string summary, IReadOnlyList<HitGroup> groups, CancellationToken stop)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Similar images</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>Similar images</h1>\n<p>{Text(summary)}</p>\n");
        // Each is made once, however often it is shown.
        var thumbnails = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        foreach (HitGroup group in groups)
        {
            stop.ThrowIfCancellationRequested();
            page.Append("<section>\n").Append(Figure(group.Query, thumbnails, "query")).Append("<ol>\n");
            foreach (Hit hit in group.Hits) page.Append("<li>").Append(Figure(hit, thumbnails, "hit")).Append("</li>\n");
            page.Append("</ol>\n</section>\n");
        }
        page.Append("</body>\n</html>\n");
        WholeFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
        Console.WriteLine($"written: {path}");
    }

    private static string Figure(Hit hit, Dictionary<string, byte[]?> thumbnails, string kind)
    {
        string name = Text(hit.Name);
        if (!thumbnails.TryGetValue(hit.Path, out byte[]? jpeg))
            thumbnails[hit.Path] = jpeg = Thumbnail.Jpeg(buffer => ImageDecoder.Default.Decode(File.ReadAllBytes(hit.Path), buffer), ThumbnailSide);
        string image = jpeg is not null
            ? $"<img alt=\"{name}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">"
            : "<span class=\"none\">can't be read</span>";
        string similarity = hit.Similarity is float value
            ? string.Create(CultureInfo.InvariantCulture, $"<b>{value:F4}</b> <meter min=\"0\" max=\"1\" value=\"{Math.Clamp(value, 0, 1):F4}\">{value:F4}</meter>")
            : "";
        return $"<figure class=\"{kind}\"><a href=\"{Text(new Uri(hit.Path).AbsoluteUri)}\">{image}</a><figcaption>{similarity}{name}</figcaption></figure>\n";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
