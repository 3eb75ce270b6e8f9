using System.Reflection;
using System.Text;
using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting.Html;
using MoCo.Reporting.Metrics;

namespace MoCo.Reporting;

/// <summary>Pages to look at, each one file of text.</summary>
/// <remarks>The drawings are SVG by our own hand: a chart library's script would be megabytes in every page or a load from the network, and
/// a drawing here is a few lines around an axis, shown even where scripts are off.</remarks>
internal static class HtmlReport
{
    /// <summary>The page as text.</summary>
    /// <param name="report">What to show.</param>
    /// <exception cref="ArgumentException">Something of the report can't be drawn; the message says what and why.</exception>
    internal static string Html(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Metrics.Count > 0)
        {
            EmbeddingReport? last = report.Embeddings is [.., { } latest] ? latest.Report : null;
            report = report with
            {
                Charts = [.. RunCharts.From(report.Metrics, report.ChanceLoss, report.KnnPixels), .. report.Charts],
                Findings = [.. RunFindings.From(report.Metrics, report.ChanceLoss, last, report.SettledStep), .. report.Findings],
            };
        }
        Thumbnails thumbnails = new();
        return Page(report.Title, page =>
        {
            SummarySections.Write(page, report);
            Curves(page, report);
            Embedding(page, report);
            NeighbourSection.Write(page, report, thumbnails);
            if (report.Map is { } map) MapSection.Write(page, map.Components, map.Images, thumbnails);
        });
    }

    /// <summary>The page of a comparison as text.</summary>
    /// <exception cref="ArgumentException">A series of a chart has other than one entry for each place.</exception>
    internal static string Html(ComparisonReport report) => Page(report.Title, body => ComparisonSections.Write(body, report));

    /// <summary>Writes a text to a file, which is replaced at once or stays whole.</summary>
    internal static void Write(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    private static string Page(string title, Action<HtmlText> write)
    {
        HtmlText page = new();
        page.Raw("""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">""");
        page.Raw("""<meta name="viewport" content="width=device-width, initial-scale=1">""");
        page.Line($"<title>{title}</title>");
        page.Raw($"<style>{Resource("Page.css")}</style></head><body><main>");
        write(page);
        page.Raw($"""</main><div id="tip" role="status" hidden></div><script>{Resource("Page.js")}</script></body></html>""");
        return page.ToString();
    }

    private static void Curves(HtmlText page, RunReport report)
    {
        if (report.Charts.Count == 0) return;
        page.Raw("""<section><h2>Curves</h2><div class="cards">""");
        foreach (ReportChart chart in report.Charts) LineChart.Write(page, chart);
        page.Raw("</div></section>");
    }

    private static void Embedding(HtmlText page, RunReport report)
    {
        if (report.Embeddings.Count == 0 && report.QueueSimilarities is null) return;
        page.Raw("""<section><h2>Embeddings</h2><div class="cards">""");
        SimilarityChart.Write(page, report);
        SpectrumChart.Write(page, report.Embeddings);
        page.Raw("</div></section>");
    }

    internal static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("MoCo.Reporting." + name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
