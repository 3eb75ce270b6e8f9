using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting.Html;

/// <summary>The map of embeddings: points colored by class, with their images for the pointer.</summary>
internal static class MapSection
{
    private const int MostPoints = 2000, MostClasses = 10, Size = ChartFrame.Width, Margin = 12;

    // Through two or three points there is always a plane: their shares of the variance say nothing, and those of a few not much.
    private const int FewestForShares = 10;

    public static void Write(HtmlText page, PrincipalComponents components, IReadOnlyList<ReportImage> all, Thumbnails thumbnails)
    {
        (int points, int given) = (components.Points.Count, all.Count);
        if (points == 0 || given != points)
            throw new ArgumentException($"Expected an image for each of {points} points, at least one; got {given}.");
        int[] chosen = Thinning.Evenly(MostPoints, given);
        ReportImage[] images = [.. chosen.Select(i => all[i])];
        string?[] classes = Classes(images);

        string choice = $"{chosen.Length} images" + (chosen.Length < given ? $", evenly chosen from {given}" : "");
        page.Raw("""<section class="map"><h2>Map of the embeddings</h2>""");
        page.Line($"""<p class="note">Each point is one of {choice}; near points have similar embeddings.""");
        page.Raw("Point at one to see its image.</p>");
        Legend(page, images, classes);
        page.Raw("""<div class="cards wide">""");
        string title = points < FewestForShares || components.ShareX == 0 ? "Principal components"
            : Invariant($"Principal components: {100 * components.ShareX:F1} % and {100 * components.ShareY:F1} % of the variance");
        Map(page, title, [.. chosen.Select(i => components.Points[i])], images, classes);
        page.Raw("</div>");
        bool[] shown = thumbnails.Evenly(images);
        page.Data(images.Select((image, i)
            => new { name = image.Name, label = image.Label, image = shown[i] ? Thumbnails.Address(image) : null }));
        page.Raw("</section>");
    }

    // The largest classes get a color each; the others share a grey, as do images without a class.
    private static string?[] Classes(ReportImage[] images)
        => [.. images.Where(image => image.Label is not null).GroupBy(image => image.Label)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(MostClasses).Select(group => group.Key).Order(StringComparer.Ordinal)];

    private static void Legend(HtmlText page, ReportImage[] images, string?[] classes)
    {
        if (classes.Length == 0) return;
        page.Raw("""<p class="legend classes">""");
        for (int i = 0; i < classes.Length; i++)
            page.Line($"""<button type="button" data-class="c{i}" aria-pressed="false"><i class="c{i}"></i>{classes[i]}</button>""");
        if (images.Any(image => !classes.Contains(image.Label)))
            page.Raw("""<button type="button" data-class="rest" aria-pressed="false"><i class="rest"></i>others</button>""");
        page.Raw("</p>");
    }

    private static void Map(HtmlText page, string title, (double X, double Y)[] points, ReportImage[] images, string?[] classes)
    {
        // One scale for both directions: a map shows distances.
        double left = points.Min(point => point.X), right = points.Max(point => point.X);
        double low = points.Min(point => point.Y), high = points.Max(point => point.Y);
        double extent = Math.Max(right - left, high - low);
        double scale = extent > 0 ? (Size - 2 * Margin) / extent : 0;
        double radius = Math.Clamp(60 / Math.Sqrt(points.Length), 1.8, 5);
        page.Line($"""<figure class="card points"><figcaption><h3>{title}</h3></figcaption>""");
        ChartFrame.Open(page, Size, title);
        for (int i = 0; i < points.Length; i++)
        {
            int number = Array.IndexOf(classes, images[i].Label);
            string kind = number >= 0 ? $"c{number}" : classes.Length == 0 ? "c0" : "rest";
            double x = Size / 2 + (points[i].X - (left + right) / 2) * scale, y = Size / 2 - (points[i].Y - (low + high) / 2) * scale;
            page.Line($"""<circle class="{kind}" cx="{x:F1}" cy="{y:F1}" r="{radius:F1}"/>""");
        }
        page.Raw("""<circle class="here" r="7"/></svg></figure>""");
    }
}
