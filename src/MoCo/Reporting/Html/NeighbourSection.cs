namespace MoCo.Reporting.Html;

/// <summary>Images with those most similar to them.</summary>
internal static class NeighbourSection
{
    private const int MostRows = 24, MostHits = 12;

    public static void Write(HtmlText page, RunReport report, Thumbnails thumbnails)
    {
        if (report.Neighbours.Count == 0) return;
        page.Raw("""<section><h2>Nearest neighbours</h2>""");
        page.Raw("""<p class="note">Left, an image; beside it, those most similar to it, best first, with their cosine similarity.""");
        page.Raw("""✓ has the same class, ✗ another.</p><div class="neighbours">""");
        foreach ((ReportImage query, IReadOnlyList<(ReportImage, double)> hits) in report.Neighbours.Take(MostRows))
        {
            page.Raw("""<div class="row"><div class="query">""");
            Image(page, query, query.Label ?? query.Name, "", "", thumbnails);
            page.Raw("""</div><div class="hits">""");
            foreach ((ReportImage image, double similarity) in hits.Take(MostHits))
            {
                bool? same = query.Label is null || image.Label is null ? null : query.Label == image.Label;
                string mark = same switch { true => " ✓", false => " ✗", null => "" };
                string caption = FormattableString.Invariant($"{similarity:F2}{mark}");
                Image(page, image, caption, same == false ? image.Label! : "", same == false ? "other" : "", thumbnails);
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
