namespace MoCo.Reporting;

/// <summary>Images with those most similar to them.</summary>
internal static class NeighbourSection
{
    private const int MostRows = 24, MostHits = 12;

    public static void Write(HtmlText page, IReadOnlyList<NeighbourRow> rows, Thumbnails thumbnails)
    {
        if (rows.Count == 0) return;
        page.Raw("""<section><h2>Nearest neighbours</h2>""");
        page.Raw("""<p class="note">Left, an image; beside it, those most similar to it, best first, with their cosine similarity. ✓ has the same class, ✗ another.</p><div class="neighbours">""");
        foreach (NeighbourRow row in rows.Take(MostRows))
        {
            page.Raw("""<div class="row"><div class="query">""");
            Image(page, row.Query, row.Query.Label ?? row.Query.Name, "", "", thumbnails);
            page.Raw("""</div><div class="hits">""");
            foreach (NeighbourHit hit in row.Hits.Take(MostHits))
            {
                bool? same = row.Query.Label is null || hit.Image.Label is null ? null : row.Query.Label == hit.Image.Label;
                string mark = same switch { true => " ✓", false => " ✗", null => "" };
                Image(page, hit.Image, FormattableString.Invariant($"{hit.Similarity:F2}{mark}"), same == false ? hit.Image.Label! : "", same == false ? "other" : "", thumbnails);
            }
            page.Raw("</div></div>");
        }
        page.Raw("</div></section>");
    }

    private static void Image(HtmlText page, ReportImage image, string caption, string label, string kind, Thumbnails thumbnails)
    {
        string title = image.Label is null ? image.Name : $"{image.Name} ({image.Label})";
        page.Line($"""<figure class="{kind}" title="{title}">""");
        if (thumbnails.Take(image)) page.Line($"""<img src="{Thumbnails.Address(image)}" alt="{image.Name}">""");
        else page.Line($"""<span class="missing">{image.Name}</span>""");
        page.Line($"""<figcaption>{caption}<span>{label}</span></figcaption></figure>""");
    }
}
