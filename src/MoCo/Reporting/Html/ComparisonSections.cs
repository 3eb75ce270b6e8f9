namespace MoCo.Reporting.Html;

/// <summary>The body of a page that holds runs against one another.</summary>
internal static class ComparisonSections
{
    public static void Write(HtmlText page, ComparisonReport report)
    {
        SummarySections.Head(page, report.Title, report.Subtitle, report.Facts);
        SummarySections.Findings(page, "In words", report.Findings);
        if (report.Charts.Count > 0)
        {
            page.Raw("""<section><h2>Charts</h2><div class="spreads">""");
            foreach (ComparisonChart chart in report.Charts) SpreadChart.Write(page, chart);
            page.Raw("</div></section>");
        }
        foreach (ComparisonTable table in report.Tables) Table(page, table);
        if (report.Notes.Count == 0) return;
        page.Raw("<section><h2>Notes</h2>");
        foreach (string note in report.Notes) page.Line($"""<p class="note">{note}</p>""");
        page.Raw("</section>");
    }

    private static void Table(HtmlText page, ComparisonTable table)
    {
        page.Line($"""<section><h2>{(table.Title.Length > 0 ? table.Title : "Table")}</h2><div class="wide"><table><thead><tr>""");
        for (int i = 0; i < table.Columns.Count; i++)
        {
            bool hasFigures = i > 0 && table.Rows.Any(row => row[i].Length > 0 && IsFigure(row[i]));
            page.Line($"""<th class="{Class(i, hasFigures)}">{table.Columns[i]}</th>""");
        }
        page.Raw("</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            page.Line($"<tr><th>{row[0]}</th>");
            for (int i = 1; i < row.Count; i++) page.Line($"""<td class="{Class(i, IsFigure(row[i]))}">{row[i]}</td>""");
            page.Raw("</tr>");
        }
        page.Raw("</tbody></table></div></section>");

        string Class(int column, bool isFigure) =>
            $"{(isFigure ? "figure" : "")} {(table.OfOthers.Contains(column) ? "others" : "")}".Trim();
    }

    private static bool IsFigure(string cell) => !cell.Any(char.IsLetter);
}
