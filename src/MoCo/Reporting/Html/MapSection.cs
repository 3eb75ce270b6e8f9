namespace MoCo.Reporting;

/// <summary>The map of embeddings: points colored by class, with their images for the pointer.</summary>
internal static class MapSection
{
    private const int MostPoints = 2000, MostClasses = 10, Size = ChartFrame.Width, Margin = 12, FewestForTSne = 8;

    public static void Write(HtmlText page, ReportEmbeddings embeddings, HtmlReportOptions options, Thumbnails thumbnails)
    {
        int[] chosen = Thinning.Evenly(MostPoints, embeddings.Images.Count);
        ReportImage[] images = [.. chosen.Select(i => embeddings.Images[i])];
        string?[] classes = Classes(images);
        float[] values = Chosen(embeddings, chosen);
        PrincipalComponents components = PrincipalComponents.Of(values, embeddings.Dimensions);

        string choice = chosen.Length < embeddings.Images.Count ? $"{chosen.Length} images, evenly chosen from {embeddings.Images.Count}" : $"{chosen.Length} images";
        page.Raw("""<section class="map"><h2>Map of the embeddings</h2>""");
        page.Line($"""<p class="note">Each point is one of {choice}; near points have similar embeddings. Point at one to see its image.</p>""");
        Legend(page, images, classes);
        page.Raw("""<div class="cards wide">""");
        Map(page, $"Principal components: {Figures.Short(100 * components.ShareX)} % and {Figures.Short(100 * components.ShareY)} % of the variance", components.X, components.Y, images, classes);
        if (options.TSne && chosen.Length >= FewestForTSne)
        {
            (float[] x, float[] y) = TSne.Of(values, components, options.Perplexity);
            Map(page, "t-SNE: shows who is near, not how far groups are", x, y, images, classes);
        }
        page.Raw("</div>");
        bool[] shown = thumbnails.Evenly(images);
        PageData.Write(page, images.Select((image, i) => new { name = image.Name, label = image.Label, image = shown[i] ? Thumbnails.Address(image) : null }));
        page.Raw("</section>");
    }

    // The largest classes get a color each; the others share a grey, as do images without a class.
    private static string?[] Classes(ReportImage[] images)
        => [.. images.Where(image => image.Label is not null).GroupBy(image => image.Label).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(MostClasses).Select(group => group.Key).Order(StringComparer.Ordinal)];

    private static float[] Chosen(ReportEmbeddings embeddings, int[] chosen)
    {
        var values = new float[chosen.Length * embeddings.Dimensions];
        for (var i = 0; i < chosen.Length; i++)
            embeddings.Values.Span.Slice(chosen[i] * embeddings.Dimensions, embeddings.Dimensions).CopyTo(values.AsSpan(i * embeddings.Dimensions));
        return values;
    }

    private static void Legend(HtmlText page, ReportImage[] images, string?[] classes)
    {
        if (classes.Length == 0) return;
        page.Raw("""<p class="legend classes">""");
        for (var i = 0; i < classes.Length; i++) page.Line($"""<button type="button" data-class="c{i}" aria-pressed="false"><i class="c{i}"></i>{classes[i]}</button>""");
        if (images.Any(image => !classes.Contains(image.Label))) page.Raw("""<button type="button" data-class="rest" aria-pressed="false"><i class="rest"></i>others</button>""");
        page.Raw("</p>");
    }

    private static void Map(HtmlText page, string title, float[] x, float[] y, ReportImage[] images, string?[] classes)
    {
        // One scale for both directions: a map shows distances.
        double middleX = (x.Min() + (double)x.Max()) / 2, middleY = (y.Min() + (double)y.Max()) / 2, extent = Math.Max(x.Max() - (double)x.Min(), y.Max() - (double)y.Min());
        double scale = extent > 0 ? (Size - 2 * Margin) / extent : 0;
        double radius = Math.Clamp(60 / Math.Sqrt(x.Length), 1.8, 5);
        page.Line($"""<figure class="card points"><figcaption><h3>{title}</h3></figcaption>""");
        ChartFrame.Open(page, Size, title);
        for (var i = 0; i < x.Length; i++)
        {
            int number = Array.IndexOf(classes, images[i].Label);
            string kind = number >= 0 ? $"c{number}" : classes.Length == 0 ? "c0" : "rest";
            page.Line($"""<circle class="{kind}" cx="{Size / 2 + (x[i] - middleX) * scale:F1}" cy="{Size / 2 - (y[i] - middleY) * scale:F1}" r="{radius:F1}"/>""");
        }
        page.Raw("""<circle class="here" r="7"/></svg></figure>""");
    }
}
