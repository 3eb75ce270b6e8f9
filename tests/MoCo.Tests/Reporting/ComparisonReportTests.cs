using System.Net;
using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

public sealed class ComparisonReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_chart_has_a_bar_of_one_deviation_to_either_side_of_the_mean_and_a_point_for_each_repetition()
    {
        string page = Page(Chart([[10, 20, 30], null, [double.NaN]]));

        // The axis goes from 10, at the bottom, to 30.
        Assert.Contains("""<circle class="dot" cx="177.7" cy="131.0" r="4"/>""", page, StringComparison.Ordinal);
        Assert.Contains("""d="M177.7,250.0V12.0M172.7,250.0h10M172.7,12.0h10"/>""", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("<circle class=\"area\"").Length - 1);
        Assert.Equal(1, page.Split("<circle class=\"dot\"").Length - 1);
        Assert.Contains("<title>c: no figure</title>", page, StringComparison.Ordinal);
        Assert.Contains("<title>a: 20.00 % ± 10.00</title>", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_cells_and_sentences_are_text_and_others_figures_are_grey()
    {
        string page = Page(Chart([[1], [2], [3]]) with
        {
            Places = ["<a>", "b & c", "d"],
            Limits = [(2.5, "<limit>")],
            IsOfOthers = true,
        });

        Assert.Contains("&lt;a&gt;", page, StringComparison.Ordinal);
        Assert.Contains("b &amp; c", page, StringComparison.Ordinal);
        Assert.Contains("&lt;limit&gt;: 2.50 %", page, StringComparison.Ordinal);
        Assert.Contains("<figure class=\"card others\">", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"figure others\">59.0</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"others\">fails</td>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;said&gt;", page, StringComparison.Ordinal);
        Assert.Contains("<p class=\"note\">&lt;note&gt;</p>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_series_of_a_chart_has_a_point_for_each_place() => Assert.Equal(
        "'s' has 2 points; expected one for each of 3 places.",
        Assert.Throws<ArgumentException>(() => Page(Chart([null, null]))).Message);

    [Fact]
    public void A_chart_without_figures_is_left_out() =>
        Assert.DoesNotContain("<svg", Page(Chart([null, [], [double.NaN]])), StringComparison.Ordinal);

    [Fact]
    public void Long_names_are_broken_into_lines_and_words_that_are_too_long_are_cut()
    {
        string page = Page(Chart([.. Enumerable.Repeat<double[]>([1], 12)]) with
        {
            Places = ["Contrastive Clustering", .. Enumerable.Range(0, 11).Select(i => $"{i}")],
        });

        Assert.Matches(@">Contr\w*…</text>\s*<text [^>]*>Clust\w*…</text>", page);
    }

    private static ComparisonChart Chart(IReadOnlyList<IReadOnlyList<double>?> points) => new()
    {
        Title = "chart",
        Unit = "%",
        Places = ["a", "b", "c"],
        Series = [("s", points)],
    };

    private string Page(ComparisonChart chart)
    {
        string path = folder.File("study.html");
        new ComparisonReport
        {
            Title = "study",
            Charts = [chart],
            Tables = [new(["row", "ours", "paper"], [["a", "1.0", "59.0"], ["b", "2.0", "fails"]]) { OfOthers = [2] }],
            Findings = [(FindingKind.Good, "<said>")],
            Notes = ["<note>"],
        }.Save(path);
        return File.ReadAllText(path);
    }
}
