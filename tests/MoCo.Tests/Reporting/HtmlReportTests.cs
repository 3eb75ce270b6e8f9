using System.Text.RegularExpressions;
using System.Xml.Linq;
using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void Options_that_differ_from_the_preset_come_first_with_both_values()
    {
        string page = HtmlReport.Html(
            new RunReport
            {
                Title = "run",
                PresetName = "V2",
                Options = [("Epochs", "200", "200"), ("BatchSize", "128", "256"), ("Data", "photos", null)]
            });

        Assert.Contains("<th>preset V2</th>", page, StringComparison.Ordinal);
        Assert.Contains("<tr><th>BatchSize</th><td><b>128</b></td><td>256</td></tr>", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("BatchSize", StringComparison.Ordinal) < page.IndexOf("2 more", StringComparison.Ordinal));
        Assert.True(page.IndexOf("2 more", StringComparison.Ordinal) < page.IndexOf("Epochs", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_from_outside_becomes_markup_and_nothing_is_loaded_from_elsewhere()
    {
        string page = HtmlReport.Html(SampleReport.Make());

        Assert.DoesNotContain("onerror=\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>failed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.All(Source().Matches(page), match => Assert.StartsWith("data:image/", match.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void A_report_of_a_long_run_stays_below_5_MB()
    {
        string page = HtmlReport.Html(SampleReport.Make(steps: 300_000, points: 6000, thumbnailBytes: 5000));

        Assert.InRange(page.Length, 1_000_000, 5_000_000);
    }

    [Fact]
    public void A_map_is_a_drawing_of_up_to_2000_points_and_a_canvas_of_more()
    {
        string few = HtmlReport.Html(SampleReport.Make(points: 2000)), many = HtmlReport.Html(SampleReport.Make(points: 2001));

        Assert.Equal(2000 + 1, Circle().Count(few[few.IndexOf("class=\"map\"", StringComparison.Ordinal)..]));
        Assert.DoesNotContain("<canvas", few, StringComparison.Ordinal);
        Assert.Contains("<canvas", many, StringComparison.Ordinal);
        Assert.Contains("one of 2001 images;", many, StringComparison.Ordinal);
        Assert.Contains("100000 images, evenly chosen from 100001",
            HtmlReport.Html(SampleReport.Make(points: 100_001)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_given_gets_no_section()
    {
        string page = HtmlReport.Html(new RunReport { Title = "empty" });

        Assert.DoesNotContain("<section", page, StringComparison.Ordinal);
        Assert.Contains("<h1>empty</h1>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_without_a_finite_value_and_equal_embeddings_without_classes_are_no_error()
    {
        string page = HtmlReport.Html(new RunReport
        {
            Title = "run",
            Charts = [new ReportChart { Title = "nothing", Series = [("x", [(1, double.NaN)])] },
            new ReportChart { Title = "zeros", Logarithmic = true, Series = [("x", [(1, 0)])] }],
            Map = (new PrincipalComponents([(0, 0), (0, 0), (0, 0)], 0, 0),
            [.. Enumerable.Range(0, 3).Select(i => new ReportImage($"{i}", null, default))]),
        });

        Assert.DoesNotContain("nothing", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.Equal(4, Circle().Count(page[page.IndexOf("class=\"map\"", StringComparison.Ordinal)..]));
    }

    [Theory]
    [InlineData(2, "Principal components")]
    [InlineData(9, "Principal components")]
    [InlineData(10, "Principal components: 81.3 % and 12.0 % of the variance")]
    public void A_map_of_few_points_says_nothing_of_the_variance(int count, string title)
    {
        (double, double)[] points = [.. Enumerable.Range(0, count).Select(i => (i * 0.1, i * i * 0.01))];
        ReportImage[] images = [.. points.Select((_, i) => new ReportImage($"{i}", null, default))];
        string page = Html(map: (new PrincipalComponents(points, 0.8127, 0.12), images));

        Assert.Contains($"<h3>{title}</h3>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_one_step_has_whole_steps_and_shares_up_to_100()
    {
        string page = HtmlReport.Html(new RunReport
        {
            Title = "run",
            Metrics = [new MetricsRow(1, new Dictionary<string, double> { ["loss"] = 8.1, ["contrast_accuracy"] = 1, ["knn"] = 0 })],
            ChanceLoss = 8.3,
        });

        Assert.Equal(["0", "1"], Ticks().Matches(page).Select(match => match.Groups[1].Value).Distinct());
        Assert.DoesNotContain(">110<", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">-1.0<", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_few_images_only_what_they_can_show_is_drawn_and_named()
    {
        EmbeddingReport report = SampleReport.Embeddings([1, 0.1, 1e-12, 0, 0], 1.2) with { Count = 3 };
        string page = HtmlReport.Html(new RunReport { Title = "run", Embeddings = [("epoch 1", report)] });

        Assert.Contains("</i>epoch 1 (effective rank 1.2), least <b>0.1</b>", page, StringComparison.Ordinal);
        Assert.Equal(2, Circle().Count(page));
        Assert.Contains("<h3>Similarities</h3>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("two views of an image</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_main_curves_are_an_image_that_needs_no_page()
    {
        using TemporaryFolder folder = new();
        MetricsRow[] rows =
        [
            new(0, new Dictionary<string, double> { [MetricsRow.Knn] = 0.25 }),
            .. Enumerable.Range(1, 60).Select(step => new MetricsRow(step, new Dictionary<string, double>
            {
                [MetricsRow.Epoch] = step / 30.0, [MetricsRow.Loss] = 9 - 0.05 * step, [MetricsRow.LearningRate] = 0.03,
            })),
            new(60, new Dictionary<string, double> { [MetricsRow.Knn] = 0.8125 }),
        ];
        RunReport report = new() { Title = "run", Metrics = rows, ChanceLoss = Math.Log(4097), KnnPixels = 0.5 };

        report.SaveCurves(folder.File("curve.svg"));
        new RunReport { Title = "run" }.SaveCurves(folder.File("none.svg"));

        string image = File.ReadAllText(folder.File("curve.svg"));
        XElement svg = XDocument.Parse(image).Root!;
        string[] texts = [.. svg.Descendants(svg.Name.Namespace + "text").Select(text => text.Value.Trim())];
        Assert.All(["guessing = 8.32 nats", "raw pixels = 50.00 %", "untrained: 25.00 %", "training step (30 are an epoch)"],
            text => Assert.Contains(text, texts));
        Assert.Equal(["InfoNCE loss 6.00 nats", "kNN accuracy 81.25 %", "Learning rate 0.03"],
            texts.Where(text => text.Contains('\n', StringComparison.Ordinal))
                .Select(text => text.Replace("\n", " ", StringComparison.Ordinal)));
        Assert.Equal(["curve s0", "curve s1", "curve s2"],
            svg.Descendants(svg.Name.Namespace + "polyline").Select(curve => curve.Attribute("class")!.Value));
        Assert.DoesNotContain("var(", image, StringComparison.Ordinal);
        Assert.Matches(@"(?s)\.s0 \{ color: #c2410c; }.*prefers-color-scheme: dark.*\.s0 \{ color: #fb923c; }", image);
        Assert.False(File.Exists(folder.File("none.svg")));
    }

    [Fact]
    public void The_file_replaces_an_older_one()
    {
        using TemporaryFolder folder = new();
        new RunReport { Title = "first" }.Save(folder.File("report.html"));
        new RunReport { Title = "second" }.Save(folder.File("report.html"));

        Assert.Contains("<title>second</title>", File.ReadAllText(folder.File("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_input_is_named()
    {
        Assert.Contains("The steps of 'loss' must ascend; point 1 has step 3 after 3.",
            Assert.Throws<ArgumentException>(() => Html(chart: new ReportChart { Title = "loss", Series = [("loss", [(3, 1), (3, 2)])] }))
            .Message, StringComparison.Ordinal);
        PrincipalComponents points = new([(1, 2), (3, 4)], 1, 0);
        Assert.Contains("an image for each of 2 points, at least one; got 1",
            Assert.Throws<ArgumentException>(() => Html(map: (points, [new ReportImage("a.jpg", null, default)])))
            .Message, StringComparison.Ordinal);
        Assert.Contains("bounds must be finite and ascend; got 1 and 1",
            Assert.Throws<ArgumentException>(() => Similarities(new Histogram(1, 1, [1], 1))).Message, StringComparison.Ordinal);
        Assert.Contains("0 or more values in each bin; got -1",
            Assert.Throws<ArgumentException>(() => Similarities(new Histogram(0, 1, [1, -1], 0.5))).Message, StringComparison.Ordinal);
        Assert.Contains("thumbnail of 'c.gif' are neither",
            Assert.Throws<ArgumentException>(() => Neighbour(new ReportImage("c.gif", null, new byte[9])))
            .Message, StringComparison.Ordinal);
        Assert.Contains("'large.png' has 20000 bytes; expected at most 16384",
            Assert.Throws<ArgumentException>(() => Neighbour(new ReportImage("large.png", null, new byte[20_000])))
            .Message, StringComparison.Ordinal);
    }

    private static string Html(ReportChart? chart = null, (PrincipalComponents, IReadOnlyList<ReportImage>)? map = null)
        => HtmlReport.Html(new RunReport { Title = "run", Charts = chart is null ? [] : [chart], Map = map });

    private static string Similarities(Histogram histogram)
        => HtmlReport.Html(
            new RunReport
            {
                Title = "run",
                Embeddings = [("end", SampleReport.Embeddings([1], 1) with { NegativeSimilarities = histogram })]
            });

    private static string Neighbour(ReportImage image) => HtmlReport.Html(new RunReport { Title = "run", Neighbours = [(image, [])] });

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Source();

    [GeneratedRegex("<line class=\"tick\".*\n<text[^>]*>([^<]*)<")]
    private static partial Regex Ticks();

    [GeneratedRegex("<circle")]
    private static partial Regex Circle();
}
