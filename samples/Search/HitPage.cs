using System.Net;
using System.Text;

namespace Search;

/// <summary>An image on the page.</summary>
/// <param name="Name">What is written below it.</param>
/// <param name="Similarity">To the query; null for the query itself.</param>
internal readonly record struct Hit(string Name, string Path, float? Similarity);

/// <summary>One self-contained page: queries and what was found, with small images in it. No script, nothing from the network.</summary>
internal static class HitPage
{
    private const int ThumbnailSide = 320;

    /// <summary>Writes the page of queries, atomically.</summary>
    public static void Write(string path, string summary, IReadOnlyList<(Hit Query, Hit[] Hits)> groups, CancellationToken stop) =>
        Write(path, summary, [.. groups.Select(group => ((Hit?)group.Query, "", group.Hits))], stop);

    /// <summary>Writes the page of groups with a title each, atomically.</summary>
    public static void Write(string path, string summary, IReadOnlyList<(string Title, Hit[] Hits)> groups, CancellationToken stop) =>
        Write(path, summary, [.. groups.Select(group => ((Hit?)null, group.Title, group.Hits))], stop);

    private static void Write(
        string path, string summary, (Hit? Query, string Title, Hit[] Hits)[] groups, CancellationToken stop)
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
            {Style()}</style>
            </head>
            <body>
            <h1>Similar images</h1>
            <p>{Text(summary)}</p>

            """);
        // Each is made once, however often it is shown.
        Dictionary<string, byte[]?> shown = new(StringComparer.Ordinal);
        Thumbnails thumbnails = new(ThumbnailSide);
        foreach ((Hit? query, string title, Hit[] hits) in groups)
        {
            stop.ThrowIfCancellationRequested();
            page.Append("<section>\n").Append(query is { } asked ? Figure(asked, "query") : $"<h2>{Text(title)}</h2>\n").Append("<ol>\n");
            foreach (Hit hit in hits) page.Append("<li>").Append(Figure(hit, "hit")).Append("</li>\n");
            page.Append("</ol>\n</section>\n");
        }
        page.Append("</body>\n</html>\n");
        OutputFile.Write(path, page.ToString());

        string Figure(Hit hit, string kind)
        {
            if (!shown.TryGetValue(hit.Path, out byte[]? jpeg))
                shown[hit.Path] = jpeg = thumbnails.Jpeg(buffer => ImageDecoder.Default.Decode(File.ReadAllBytes(hit.Path), buffer));
            return HitPage.Figure(hit, jpeg, kind);
        }
    }

    private static string Figure(Hit hit, byte[]? jpeg, string kind)
    {
        string name = Text(hit.Name);
        string image = jpeg is not null
            ? $"<img alt=\"{name}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">"
            : "<span class=\"none\">can't be read</span>";
        string similarity = hit.Similarity is float value
            ? $"<b>{value:F4}</b> <meter min=\"0\" max=\"1\" value=\"{Math.Clamp(value, 0, 1):F4}\">{value:F4}</meter>"
            : "";
        return $"<figure class=\"{kind}\"><a href=\"{Text(new Uri(hit.Path).AbsoluteUri)}\">{image}</a>"
            + $"<figcaption>{similarity}{name}</figcaption></figure>\n";
    }

    private static string Style()
    {
        using StreamReader reader = new(typeof(HitPage).Assembly.GetManifestResourceStream("Page.css")!);
        return reader.ReadToEnd();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
