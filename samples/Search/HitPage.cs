using System.Globalization;
using System.Net;
using System.Text;
using MoCo.Imaging;
using Samples;
using Samples.Evaluation;

namespace Search;

/// <summary>An image on the page.</summary>
/// <param name="Name">What is written below it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Similarity">To the query; null for the query itself.</param>
internal readonly record struct Hit(string Name, string Path, float? Similarity);

/// <summary>One self-contained page: queries and what was found, with small images in it. No script, nothing from the network.</summary>
internal static class HitPage
{
    private const int ThumbnailSide = 320;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --paper: #fcfcfd; --card: #f0f0f3; --mark: #3e63dd; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #edeef0; --soft: #b0b4ba; --paper: #111113; --card: #212225; --mark: #9eb1ff; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.25rem; max-width: 90rem; background: var(--paper); color: var(--ink); }
        body { font: 15px/1.45 system-ui, sans-serif; }
        h1 { font-size: 1.3rem; margin: 0; }
        p { color: var(--soft); margin: .2rem 0 1.5rem; }
        section { display: grid; grid-template-columns: minmax(0, 15rem) minmax(0, 1fr); gap: 1rem; margin: 0 0 1.5rem; }
        ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9rem, 100%), 1fr)); gap: .75rem; }
        ol { list-style: none; margin: 0; padding: 0; }
        figure { margin: 0; padding: .5rem; background: var(--card); border-radius: .5rem; min-width: 0; }
        .query { border: 2px solid var(--mark); align-self: start; }
        img, .none { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; border-radius: .25rem; }
        .none { display: grid; place-items: center; color: var(--soft); }
        figcaption { margin-top: .4rem; font-size: .8rem; overflow-wrap: anywhere; }
        figcaption b { font-variant-numeric: tabular-nums; }
        meter { width: 100%; height: .5rem; display: block; }
        a { color: inherit; }
        @media (max-width: 40rem) {
          section { grid-template-columns: minmax(0, 1fr); }
          body { padding: .75rem; }
          ol { grid-template-columns: repeat(2, minmax(0, 1fr)); }
        }
        """;

    /// <summary>Writes the page, atomically.</summary>
    public static void Write(string path, string summary, IReadOnlyList<(Hit Query, Hit[] Hits)> groups, CancellationToken stop)
    {
        StringBuilder page = new();
        page.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Similar images</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>Similar images</h1>
            <p>{Text(summary)}</p>

            """);
        // Each is made once, however often it is shown.
        Dictionary<string, byte[]?> thumbnails = new(StringComparer.Ordinal);
        foreach ((Hit query, Hit[] hits) in groups)
        {
            stop.ThrowIfCancellationRequested();
            page.Append("<section>\n").Append(Figure(query, thumbnails, "query")).Append("<ol>\n");
            foreach (Hit hit in hits) page.Append("<li>").Append(Figure(hit, thumbnails, "hit")).Append("</li>\n");
            page.Append("</ol>\n</section>\n");
        }
        page.Append("</body>\n</html>\n");
        OutputFile.Write(path, page.ToString());
    }

    private static string Figure(Hit hit, Dictionary<string, byte[]?> thumbnails, string kind)
    {
        string name = Text(hit.Name);
        if (!thumbnails.TryGetValue(hit.Path, out byte[]? jpeg))
        {
            jpeg = Thumbnail.Jpeg(buffer => ImageDecoder.Default.Decode(File.ReadAllBytes(hit.Path), buffer), ThumbnailSide);
            thumbnails[hit.Path] = jpeg;
        }
        string image = jpeg is not null
            ? $"<img alt=\"{name}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">"
            : "<span class=\"none\">can't be read</span>";
        string similarity = hit.Similarity is float value
            ? $"<b>{value:F4}</b> <meter min=\"0\" max=\"1\" value=\"{Math.Clamp(value, 0, 1):F4}\">{value:F4}</meter>"
            : "";
        string address = Text(new Uri(hit.Path).AbsoluteUri);
        return $"<figure class=\"{kind}\"><a href=\"{address}\">{image}</a><figcaption>{similarity}{name}</figcaption></figure>\n";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
