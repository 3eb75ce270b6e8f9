using System.Text.RegularExpressions;

namespace MoCo.Reporting.Html;

/// <summary>Charts one below the other over the same steps, as an SVG image that stands alone.</summary>
internal static class CurveImage
{
    private const int Width = 760, Height = 210, LowHeight = 120, TitleHeight = 40, Margin = 10;
    private const string Dark = "@media (prefers-color-scheme: dark)";

    /// <summary>The image; null where nothing was measured.</summary>
    /// <param name="charts">The charts; the last, which matters least, is drawn low, and says what runs to the right.</param>
    /// <param name="last">The step at the right end.</param>
    public static string? Svg(IReadOnlyList<ReportChart> charts, double last)
    {
        LineChart[] drawn = [.. charts.Select((chart, i) => LineChart.Of(chart with
        {
            Size = (Width, i == charts.Count - 1 ? LowHeight : Height),
            Steps = (0, last),
            FirstColor = i,
            HorizontalTitle = i == charts.Count - 1 ? chart.HorizontalTitle : "",
        })).OfType<LineChart>()];
        if (drawn.Length == 0) return null;
        int height = drawn.Sum(chart => TitleHeight + chart.Head.Height) + Margin, top = 0;
        HtmlText image = new();
        image.Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" """);
        image.Line($"""role="img" aria-label="{string.Join(", ", charts.Select(chart => chart.Title))}">""");
        image.Raw($"<style>\n{Style()}</style>");
        image.Line($"""<rect class="ground" width="{Width}" height="{height}" rx="8"/>""");
        for (int i = 0; i < drawn.Length; i++)
        {
            (string title, int own, string end) = drawn[i].Head;
            image.Line($"""<text class="title" x="{ChartFrame.Left}" y="{top + 28}">{title}""");
            image.Line($"""<tspan class="dot s{i}" dx="6">{end}</tspan></text><g transform="translate(0 {top + TitleHeight})">""");
            drawn[i].Draw(image);
            image.Raw("</g>");
            top += TitleHeight + own;
        }
        image.Raw("</svg>");
        return image.ToString();
    }

    /// <summary>The page's rules for charts with the colors in place: many viewers of images do not know CSS variables.</summary>
    private static string Style()
    {
        string css = HtmlReport.Resource("Page.css");
        int dark = css.IndexOf(Dark, StringComparison.Ordinal), charts = css.IndexOf("/* Charts", StringComparison.Ordinal);
        string rules = css[charts..css.IndexOf("/* Page", StringComparison.Ordinal)];
        return $"{Colored(rules, css[..dark])}{Dark} {{\n{Colored(rules, css[dark..charts])}}}\n";
    }

    private static string Colored(string rules, string scheme) => Regex.Matches(scheme, @"--(\w+): (#\w+);").Aggregate(rules,
        (text, color) => text.Replace($"var(--{color.Groups[1]})", color.Groups[2].Value, StringComparison.Ordinal));
}
