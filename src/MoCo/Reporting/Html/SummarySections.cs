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
            foreach (ReportFact fact in report.Facts)
                page.Line($"""<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd><dd class="remark">{fact.Remark}</dd></div>""");
            page.Raw("</dl>");
        }
        Findings(page, report.Findings);
        Options(page, report);
    }

    private static void Findings(HtmlText page, IReadOnlyList<ReportFinding> findings)
    {
        if (findings.Count == 0) return;
        page.Raw("""<section><h2>Health</h2><ul class="findings">""");
        foreach (ReportFinding finding in findings.OrderByDescending(finding => finding.Kind))
        {
            (string kind, string mark) = finding.Kind switch
            {
                FindingKind.Good => ("good", "✓"),
                FindingKind.Notice => ("notice", "i"),
                _ => ("warning", "!"),
            };
            page.Line($"""<li class="{kind}"><b aria-label="{kind}">{mark}</b><span>{finding.Text}</span></li>""");
        }
        page.Raw("</ul></section>");
    }

    private static void Options(HtmlText page, RunReport report)
    {
        if (report.Options.Count == 0) return;
        page.Raw("<section><h2>Options</h2>");
        ReportOption[] different = [.. report.Options.Where(option => option.Differs)];
        ReportOption[] others = [.. report.Options.Where(option => !option.Differs)];
        string preset = report.PresetName.Length > 0 ? $"preset {report.PresetName}" : "preset";
        if (different.Length > 0)
        {
            page.Line($"""<table><thead><tr><th>differs</th><th>this run</th><th>{preset}</th></tr></thead><tbody>""");
            foreach (ReportOption option in different)
                page.Line($"""<tr><th>{option.Name}</th><td><b>{option.Value}</b></td><td>{option.PresetValue}</td></tr>""");
            page.Raw("</tbody></table>");
        }
        else if (report.Options.Any(option => option.PresetValue is not null))
        {
            page.Line($"""<p class="note">Nothing differs from the {preset}.</p>""");
        }
        if (others.Length > 0)
        {
            page.Line($"""<details><summary>{others.Length} more</summary><table><tbody>""");
            foreach (ReportOption option in others) page.Line($"""<tr><th>{option.Name}</th><td>{option.Value}</td></tr>""");
            page.Raw("</tbody></table></details>");
        }
        page.Raw("</section>");
    }
}
