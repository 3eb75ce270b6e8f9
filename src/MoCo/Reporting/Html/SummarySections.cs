namespace MoCo.Reporting.Html;

/// <summary>The head of the page: title, figures, findings, options.</summary>
internal static class SummarySections
{
    public static void Write(HtmlText page, RunReport report)
    {
        page.Line($"""<header><h1>{report.Title}</h1><p class="note">{report.Subtitle}</p></header>""");
        if (report.Facts.Count > 0)
        {
            page.Raw("""<dl class="facts">""");
            foreach ((string name, string value, string remark) in report.Facts)
                page.Line($"""<div><dt>{name}</dt><dd>{value}</dd><dd class="remark">{remark}</dd></div>""");
            page.Raw("</dl>");
        }
        Findings(page, report.Findings);
        Options(page, report);
    }

    private static void Findings(HtmlText page, IReadOnlyList<(FindingKind Kind, string Text)> findings)
    {
        if (findings.Count == 0) return;
        page.Raw("""<section><h2>Health</h2><ul class="findings">""");
        foreach ((FindingKind grave, string text) in findings.OrderByDescending(finding => finding.Kind))
        {
            (string kind, string mark) = grave switch
            {
                FindingKind.Good => ("good", "✓"),
                FindingKind.Notice => ("notice", "i"),
                _ => ("warning", "!"),
            };
            page.Line($"""<li class="{kind}"><b aria-label="{kind}">{mark}</b><span>{text}</span></li>""");
        }
        page.Raw("</ul></section>");
    }

    private static void Options(HtmlText page, RunReport report)
    {
        if (report.Options.Count == 0) return;
        page.Raw("<section><h2>Options</h2>");
        ILookup<bool, (string Name, string Value, string? PresetValue)> byDifference
            = report.Options.ToLookup(option => option.PresetValue is not null && option.PresetValue != option.Value);
        string preset = report.PresetName.Length > 0 ? $"preset {report.PresetName}" : "preset";
        if (byDifference.Contains(true))
        {
            page.Line($"""<table><thead><tr><th>differs</th><th>this run</th><th>{preset}</th></tr></thead><tbody>""");
            foreach ((string name, string value, string? usual) in byDifference[true])
                page.Line($"""<tr><th>{name}</th><td><b>{value}</b></td><td>{usual}</td></tr>""");
            page.Raw("</tbody></table>");
        }
        else if (report.Options.Any(option => option.PresetValue is not null))
            page.Line($"""<p class="note">Nothing differs from the {preset}.</p>""");
        if (byDifference.Contains(false))
        {
            page.Line($"""<details><summary>{byDifference[false].Count()} more</summary><table><tbody>""");
            foreach ((string name, string value, _) in byDifference[false]) page.Line($"""<tr><th>{name}</th><td>{value}</td></tr>""");
            page.Raw("</tbody></table></details>");
        }
        page.Raw("</section>");
    }
}
