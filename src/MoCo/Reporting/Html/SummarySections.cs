namespace MoCo.Reporting.Html;

/// <summary>The head of the page: title, figures, findings, options.</summary>
internal static class SummarySections
{
    public static void Write(HtmlText page, RunReport report)
    {
        Head(page, report.Title, report.Subtitle, report.Facts);
        Findings(page, "Health", report.Findings);
        Options(page, report);
    }

    public static void Head(
        HtmlText page, string title, string subtitle, IReadOnlyList<(string Name, string Value, string Remark)> facts)
    {
        page.Line($"""<header><h1>{title}</h1><p class="note">{subtitle}</p></header>""");
        if (facts.Count == 0) return;
        page.Raw("""<dl class="facts">""");
        foreach ((string name, string value, string remark) in facts)
            page.Line($"""<div><dt>{name}</dt><dd>{value}</dd><dd class="remark">{remark}</dd></div>""");
        page.Raw("</dl>");
    }

    /// <summary>The findings, the gravest first.</summary>
    public static void Findings(HtmlText page, string heading, IReadOnlyList<(FindingKind Kind, string Text)> findings)
    {
        if (findings.Count == 0) return;
        page.Line($"""<section><h2>{heading}</h2><ul class="findings">""");
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
