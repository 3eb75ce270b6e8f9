namespace MoCo.Reporting;

/// <summary>Pictures with those most similar to them.</summary>
internal static class NeighbourSection
{
    private const int MostRows = 24, MostHits = 12;

    public static void Write(HtmlText page, IReadOnlyList<NeighbourRow> rows, Thumbnails thumbnails)
    {
        if (rows.Count == 0) return;
        page.Raw("""<section><h2>Nearest neighbours</h2>""");
        page.Raw("""<p class="note">Left, a picture; beside it, those most similar to it, best first, with their cosine similarity. ✓ has the same class, ✗ another.</p><div class="neighbours">""");
        foreach (NeighbourRow row in rows.Take(MostRows))
        {
            page.Raw("""<div class="row"><div class="query">""");
            Picture(page, row.Query, row.Query.Label ?? row.Query.Name, "", "", thumbnails);
            page.Raw("""</div><div class="hits">""");
            foreach (NeighbourHit hit in row.Hits.Take(MostHits))
            {
                bool? same = row.Query.Label is null || hit.Picture.Label is null ? null : row.Query.Label == hit.Picture.Label;
                string mark = same switch { true => " ✓", false => " ✗", null => "" };
                Picture(page, hit.Picture, FormattableString.Invariant($"{hit.Similarity:F2}{mark}"), same == false ? hit.Picture.Label! : "", same == false ? "other" : "", thumbnails);
            }
            page.Raw("</div></div>");
        }
        page.Raw("</div></section>");
    }

    private static void Picture(HtmlText page, ReportPicture picture, string caption, string label, string kind, Thumbnails thumbnails)
    {
        string title = picture.Label is null ? picture.Name : $"{picture.Name} ({picture.Label})";
        page.Line($"""<figure class="{kind}" title="{title}">""");
        if (thumbnails.Take(picture)) page.Line($"""<img src="{Thumbnails.Address(picture)}" alt="{picture.Name}">""");
        else page.Line($"""<span class="missing">{picture.Name}</span>""");
        page.Line($"""<figcaption>{caption}<span>{label}</span></figcaption></figure>""");
    }
}
