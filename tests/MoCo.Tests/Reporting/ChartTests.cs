using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting;
using MoCo.Reporting.Html;
using MoCo.Reporting.Metrics;

namespace MoCo.Tests.Reporting;

public sealed class ChartTests
{
    [Theory]
    [InlineData(1001)]
    [InlineData(60_000)]
    [InlineData(1_000_003)]
    public void Thinning_keeps_the_ends_and_the_extremes_of_every_stretch(int count)
    {
        (double, double)[] points = [.. Enumerable.Range(0, count).Select(i => ((double)i, Math.Sin(i * 12.9898) * 1000 % 1))];
        points[count / 3].Item2 = 50;
        points[count / 2].Item2 = -50;

        (double Step, double Value)[] thinned = Thinning.AtMost(1000, points);

        Assert.InRange(thinned.Length, 500, 1000);
        Assert.Equal(points[0], thinned[0]);
        Assert.Equal(points[^1], thinned[^1]);
        Assert.Contains(points[count / 3], thinned);
        Assert.Contains(points[count / 2], thinned);
        Assert.Equal(thinned.Select(point => point.Step).Order().Distinct(), thinned.Select(point => point.Step));
        Assert.All(thinned, point => Assert.Equal(points[(int)point.Step].Item2, point.Value));
    }

    [Fact]
    public void Smoothing_leaves_a_slope_as_it_is_but_for_its_very_ends()
    {
        (double Step, double Value)[] smooth = Thinning.Smooth(200, [.. Enumerable.Range(0, 10_000).Select(i => ((double)i, 3.0 * i))]);

        Assert.Equal(200, smooth.Length);
        Assert.All(smooth[1..^1], point => Assert.Equal(3 * point.Step, point.Value, 6));
    }

    [Theory]
    [InlineData(0.02, 8.3, "0 2 4 6 8 10")]
    [InlineData(-0.31, 0.87, "-0.50 -0.25 0 0.25 0.50 0.75 1.00")]
    [InlineData(0.03, 0.03, "0.026 0.028 0.030 0.032 0.034")]
    [InlineData(0, 65_536, "0 20k 40k 60k 80k")]
    public void An_axis_has_round_ticks_around_its_values(double least, double most, string labels)
    {
        Axis axis = Axis.Rounded(least, most, 5);

        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
        Assert.InRange(axis.Share(least), 0, 1);
        Assert.InRange(axis.Share(most), 0, 1);
        Assert.Equal((0, 1), (axis.Share(axis.Ticks[0]), Math.Round(axis.Share(axis.Ticks[^1]), 12)));
    }

    [Theory]
    [InlineData(12.5, 99.7, "20 40 60 80 100", 0, 100)]
    [InlineData(99.91, 100, "99.92 99.94 99.96 99.98 100.00", 99.9, 100)]
    [InlineData(100, 100, "90 95 100", 90, 100)]
    [InlineData(0, 0, "0 0.5 1.0", 0, 1)]
    [InlineData(0.4, 2, "0.5 1.0 1.5 2.0", 0, 2)]
    [InlineData(55, 101, "60 70 80 90 100", 50, 101)]
    public void The_axis_of_a_share_ends_at_its_bounds_unless_a_value_lies_beyond(
        double least, double most, string labels, double from, double to)
    {
        Axis axis = Axis.Rounded(least, most, 5, (0, 100));

        Assert.Equal((from, to), (Math.Round(axis.Least, 9), Math.Round(axis.Most, 9)));
        Assert.EndsWith(labels, string.Join(' ', axis.Ticks.Select(axis.Label)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "0 1")]
    [InlineData(0, 3, "0 1 2 3")]
    [InlineData(7, 7, "7 8")]
    [InlineData(0, 12, "0 5 10")]
    public void Steps_have_no_ticks_between(double first, double last, string labels)
    {
        Axis axis = Axis.Exact(first, last, 5, whole: true);

        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Fact]
    public void A_logarithmic_axis_has_decades()
    {
        Axis axis = Axis.Decades(3e-7, 0.04, 5);

        Assert.Equal(["1e-7", "1e-5", "0.001", "0.1"], axis.Ticks.Select(axis.Label));
        Assert.Equal(0.5, axis.Share(1e-4), 9);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.03, "0.03")]
    [InlineData(-0.00001234, "-1.23e-5")]
    [InlineData(8.317766, "8.32")]
    [InlineData(691.04, "691.0")]
    [InlineData(65536, "65,536")]
    [InlineData(12_800_000, "1.28e+7")]
    public void Figures_are_short(double value, string text) => Assert.Equal(text, Figures.Short(value));

    [Fact]
    public void The_usual_charts_are_made_of_the_metrics_that_there_are()
    {
        MetricsRow[] rows =
        [
            new(1, new Dictionary<string, double> { ["epoch"] = 0, ["loss"] = 8, ["my_own"] = 3 }),
            new(2, new Dictionary<string, double> { ["loss"] = 7, ["contrast_accuracy"] = 0.25 }),
            new(2, new Dictionary<string, double> { ["knn"] = 0.5 }),
        ];

        IReadOnlyList<ReportChart> charts = RunCharts.From(rows, Math.Log(4097));

        Assert.Equal(["InfoNCE loss", "Contrast accuracy", "kNN accuracy", "My own"], charts.Select(chart => chart.Title));
        Assert.Equal([(1, 8), (2, 7)], charts[0].Series.Single().Points);
        Assert.Equal(Math.Log(4097), charts[0].Limit!.Value.Value);
        Assert.Equal([(2, 25)], charts[1].Series.Single().Points);
    }

    [Fact]
    public void Every_metric_of_a_run_has_a_name_a_unit_and_bounds()
    {
        string[] names = [.. typeof(MetricsRow).GetFields().Select(field => (string)field.GetValue(null)!)];
        MetricsRow[] rows = [.. Enumerable.Range(1, 3).Select(step => new MetricsRow(step, names.ToDictionary(name => name, _ => 0.5)))];

        IReadOnlyList<ReportChart> charts = RunCharts.From(rows, 8.3);

        Assert.All(charts.SelectMany(chart => chart.Series.Select(series => series.Name).Append(chart.Title)),
            text => Assert.DoesNotContain("_", text, StringComparison.Ordinal));
        Assert.Equal(["nats", "%", "%", "%", "", "", "%", "", "%", "", "", "", "/s", "%", "s"], charts.Select(chart => chart.Unit));
        Assert.All(charts, chart => Assert.True(double.IsFinite(chart.Bounds.Least), chart.Title));
        Assert.All(charts.Where(chart => chart.Unit == "%"), chart => Assert.Equal((0, 100), chart.Bounds));
        Assert.Equal(["of a step", "mean of an epoch"], charts[0].Series.Select(series => series.Name));
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_a_warning_whatever_it_came_down_to_before()
    {
        (FindingKind kind, string text) = Assert.Single(RunFindings.From(
        [
            new(1, new Dictionary<string, double> { ["loss"] = 8 }), new(2, new Dictionary<string, double> { ["loss"] = 4 }),
            new(3, new Dictionary<string, double> { ["loss"] = double.NaN }),
        ], 8.3, null));
        Assert.Equal(FindingKind.Warning, kind);
        Assert.StartsWith("The loss is not finite at step 3: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_few_images_no_dimensions_are_missed()
    {
        EmbeddingReport report = SampleReport.Embeddings(new double[128], 4);
        Assert.Empty(RunFindings.From([], null, report with { Count = 6 }));
        Assert.Equal(
            (FindingKind.Good, "The embeddings use their dimensions: effective rank 4.0 of 29 that 30 images can show."),
            Assert.Single(RunFindings.From([], null, report with { Count = 30 })));
    }

    [Fact]
    public void Findings_say_what_a_person_would_see()
    {
        Assert.Equal([FindingKind.Warning], Kinds(("loss", 8.3, 8.31)));
        Assert.Equal([FindingKind.Good], Kinds(("loss", 8.3, 5)));
        Assert.Equal([FindingKind.Warning], Kinds(("spread", 0.9, 0.05)));
        Assert.Equal([FindingKind.Warning], Kinds(("contrast_accuracy", 0.5, 0.99)));
        Assert.Equal([FindingKind.Good], Kinds(("knn", 0.3, 0.6)));
        Assert.Equal([FindingKind.Warning], Kinds(("knn", 0.6, 0.5)));
        Assert.Equal([FindingKind.Warning], Kinds(("knn", 0.6, 0.6)));
        Assert.Equal([FindingKind.Good], Kinds(("knn", 1, 1)));
        Assert.Empty(RunFindings.From([new(1, new Dictionary<string, double> { ["loss"] = 3 })], 8.32, null)); // of one step
        Assert.Equal([FindingKind.Notice], Kinds(("wait_share", 0, 0.5)));
        Assert.Empty(Kinds(("spread", 0.5, 0.9), ("wait_share", 0, 0.01), ("contrast_accuracy", 0.1, 0.6)));
        Assert.Equal([FindingKind.Warning], Kinds(("spread", 0.9, 0.05), ("loss", 8.3, 8.31)));
        Assert.Equal([FindingKind.Warning], Kinds(("deviation", 0.3, 0.05), ("alignment", 0.3, 0.01), ("effective_rank", 9, 4)));
        Assert.Equal([FindingKind.Warning], Kinds(("deviation", 0.3, 0.3), ("alignment", 0.3, 0.9), ("effective_rank", 9, 1.5)));
        Assert.Equal([FindingKind.Warning], Kinds(("deviation", 0.3, 0.3), ("effective_rank", 9, 9), ("feature_rank", 9, 1.5)));
        // What a sound run's epochs begin with lowers their mean spread.
        Assert.Empty(Kinds(("spread", 0.9, 0.05), ("deviation", 0.1, 0.4), ("alignment", 0.3, 0.4), ("effective_rank", 9, 9)));
        Assert.Contains("effective rank 3.0 of 128", Assert.Single(RunFindings.From([], null, SampleReport.Embeddings(new double[128], 3)))
            .Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_the_dictionary_is_filled_loss_and_spread_say_nothing()
    {
        MetricsRow[] rows = [.. Enumerable.Range(0, 3).Select(step => new MetricsRow(step, new Dictionary<string, double>
        {
            [MetricsRow.Loss] = 8.3, [MetricsRow.Spread] = 0.05,
        }))];
        Assert.Empty(RunFindings.From(rows, 8.32, null, settledStep: 2));
        Assert.Equal(FindingKind.Warning, Assert.Single(RunFindings.From(rows, 8.32, null, settledStep: 1)).Kind);
    }

    private static FindingKind[] Kinds(params (string Name, double First, double Last)[] metrics)
        => [.. RunFindings.From(
            [new(0, metrics.ToDictionary(m => m.Name, m => m.First)), new(1, metrics.ToDictionary(m => m.Name, m => m.Last))], 8.32, null)
            .Select(finding => finding.Kind)];
}
