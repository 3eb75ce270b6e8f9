using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting.Html;

/// <summary>The map of embeddings: points colored by class, with their images for the pointer. Some are circles of a drawing; of more, a
/// browser would take seconds for each, and the page's script draws them on a canvas, to be moved and enlarged.</summary>
internal static class MapSection
{
    private const int MostCircles = 2000, MostPoints = 100_000, MostClasses = 10, Size = ChartFrame.Width, Margin = 12;

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
        bool isDrawn = chosen.Length <= MostCircles;
        page.Line($"""<p class="note">Each point is one of {choice}; near points have similar embeddings.""");
        page.Raw($"Point at one to see its image.{(isDrawn ? "" : " Drag to move the map, turn the wheel to enlarge it.")}</p>");
        Legend(page, images, classes);
        page.Raw("""<div class="cards wide">""");
        string title = points < FewestForShares || components.ShareX == 0 ? "Principal components"
            : Invariant($"Principal components: {100 * components.ShareX:F1} % and {100 * components.ShareY:F1} % of the variance");
        (double X, double Y)[] places = Places([.. chosen.Select(i => components.Points[i])]);
        int[] kinds = [.. images.Select(image => Array.IndexOf(classes, image.Label))];
        page.Line($"""<figure class="card points{(isDrawn ? "" : " many")}"><figcaption><h3>{title}</h3></figcaption>""");
        if (isDrawn) Drawing(page, title, places, kinds, classes.Length == 0 ? "c0" : "rest");
        else Canvas(page, title);
        page.Raw("</figure></div>");
        bool[] shown = thumbnails.Evenly(images);
        if (isDrawn)
        {
            page.Data(images.Select((image, i)
                => new { name = image.Name, label = image.Label, image = shown[i] ? Thumbnails.Address(image) : null }));
        }
        else
        {
            page.Data(Packed(places, kinds, images, shown, classes.Length));
        }
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

    /// <summary>Places within the unit square, y downwards, at one scale for both directions: a map shows distances.</summary>
    private static (double X, double Y)[] Places((double X, double Y)[] points)
    {
        double left = points.Min(point => point.X), right = points.Max(point => point.X);
        double low = points.Min(point => point.Y), high = points.Max(point => point.Y);
        double extent = Math.Max(right - left, high - low), scale = extent > 0 ? 1 / extent : 0;
        return [.. points.Select(point =>
            (0.5 + (point.X - (left + right) / 2) * scale, 0.5 - (point.Y - (low + high) / 2) * scale))];
    }

    private static void Drawing(HtmlText page, string title, (double X, double Y)[] places, int[] kinds, string otherwise)
    {
        double radius = Math.Clamp(60 / Math.Sqrt(places.Length), 1.8, 5);
        ChartFrame.Open(page, Size, title);
        foreach (((double x, double y), int kind) in places.Zip(kinds))
        {
            string name = kind >= 0 ? $"c{kind}" : otherwise;
            (double left, double top) = (Margin + x * (Size - 2 * Margin), Margin + y * (Size - 2 * Margin));
            page.Line($"""<circle class="{name}" cx="{left:F1}" cy="{top:F1}" r="{radius:F1}"/>""");
        }
        page.Raw("""<circle class="here" r="7"/></svg>""");
    }

    private static void Canvas(HtmlText page, string title)
    {
        page.Line($"""<div class="canvas"><canvas role="img" aria-label="{title}"></canvas><i class="here"></i>""");
        page.Raw("""<p class="zoom"><button type="button" data-zoom="2" aria-label="larger">+</button>""");
        page.Raw("""<button type="button" data-zoom="0.5" aria-label="smaller">−</button>""");
        page.Raw("""<button type="button" data-zoom="0">whole</button></p></div>""");
        page.Raw("<noscript><p>A map of so many points is drawn by this page's script, which is off.</p></noscript>");
    }

    /// <summary>The points for the script: places of 16 bits each, and the number of each one's color, as base64.</summary>
    private static object Packed((double X, double Y)[] places, int[] kinds, ReportImage[] images, bool[] shown, int classes)
    {
        byte[] packed = new byte[4 * places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(4 * i), (ushort)Math.Round(ushort.MaxValue * places[i].X));
            BinaryPrimitives.WriteUInt16LittleEndian(packed.AsSpan(4 * i + 2), (ushort)Math.Round(ushort.MaxValue * places[i].Y));
        }
        string?[] labels = [.. images.Select(image => image.Label).Distinct()];
        Dictionary<string, int> numbers = labels.OfType<string>().ToDictionary(label => label, label => Array.IndexOf(labels, label));
        return new
        {
            places = Convert.ToBase64String(packed),
            kinds = Convert.ToBase64String([.. kinds.Select(kind => (byte)(kind >= 0 ? kind : classes == 0 ? 0 : MostClasses))]),
            labels,
            label = images.Select(image => image.Label is { } label ? numbers[label] : Array.IndexOf(labels, null)),
            names = images.Select(image => image.Name),
            images = Enumerable.Range(0, images.Length).Where(i => shown[i]).ToDictionary(i => $"{i}", i => Thumbnails.Address(images[i])),
        };
    }
}
