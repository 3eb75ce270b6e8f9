using System.Net;
using System.Text;

namespace Evaluate.Clusters;

/// <summary>One self-contained page with some images of each cluster: no script, nothing from the network.</summary>
internal static class ClusterPage
{
    private const int Shown = 16, ThumbnailSide = 96, MostClusters = 100;

    private const string Style = """
        :root { color-scheme: light dark; }
        body { margin: 0 auto; padding: 1.25rem; max-width: 80rem; font: 15px/1.45 system-ui, sans-serif; }
        h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        h3 { font-size: .95rem; margin: 1rem 0 .3rem; font-weight: 600; }
        ul { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; margin: 0; padding: 0; }
        img { display: block; width: 4.5rem; height: 4.5rem; object-fit: contain; border-radius: .25rem; background: #8882; }
        """;

    /// <summary>Writes the page, atomically.</summary>
    public static void Write(string path, string encoder, IImageSource source, FeatureSet features,
        IReadOnlyList<ClusterCommand.Sorting> sortings, CancellationToken stop)
    {
        StringBuilder page = new();
        Thumbnails thumbnails = new(ThumbnailSide);
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Clusters</title>\n")
            .Append($"<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>Clusters of {Text(source.Name)}</h1>\n<p>{Text(encoder)}</p>\n");
        foreach (ClusterCommand.Sorting sorting in sortings)
        {
            string figures = sorting.Agreement is not { } found ? ""
                : $": NMI {found.MutualInformation:F3}, ACC {found.Accuracy:F3}, ARI {found.AdjustedRand:F3}";
            page.Append($"<section>\n<h2>{sorting.Count} clusters by {Text(sorting.By)}{figures}</h2>\n");
            ILookup<int, int> rows = Enumerable.Range(0, features.Count).ToLookup(row => sorting.Of[row]);
            foreach (int cluster in Enumerable.Range(0, Math.Min(sorting.Count, MostClusters)))
            {
                stop.ThrowIfCancellationRequested();
                int[] own = [.. rows[cluster]];
                page.Append($"<h3>{cluster}: {own.Length:N0} images{Text(Classes(own, source, features))}</h3>\n<ul>\n");
                int shown = Math.Min(Shown, own.Length);
                foreach (int row in Enumerable.Range(0, shown).Select(i => own[(int)((i + 0.5) * own.Length / shown)]))
                    page.Append($"<li>{Image(source, features.Indices?[row] ?? row, thumbnails)}</li>\n");
                page.Append("</ul>\n");
            }
            page.Append("</section>\n");
        }
        OutputFile.Write(path, page.Append("</body>\n</html>\n").ToString());
    }

    /// <summary>The classes that most of a cluster's images are of.</summary>
    private static string Classes(int[] rows, IImageSource source, FeatureSet features)
    {
        if (features.Labels is not { } labels || rows.Length == 0) return "";
        IEnumerable<string> most = rows.Where(row => labels[row] >= 0).CountBy(row => labels[row]).OrderByDescending(entry => entry.Value)
            .Take(3).Select(entry => $"{source.Classes[entry.Key]} {100.0 * entry.Value / rows.Length:F0} %");
        return $"; {string.Join(", ", most)}";
    }

    private static string Image(IImageSource source, int index, Thumbnails thumbnails)
    {
        string name = Text(Path.GetFileName(source.Locate(index)));
        return thumbnails.Jpeg(buffer => source.Read(index, buffer)) is { } jpeg
            ? $"<img alt=\"{name}\" title=\"{name}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">" : name;
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
