using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting.Html;

/// <summary>Similarity histograms one below the other, earliest above: how the positives part from the negatives over a run.</summary>
internal static class SimilarityChart
{
    private const int MostRows = 12, RowHeight = 44, RowTop = 16, Foot = 40, Left = 20, Right = ChartFrame.Width - 20, LongestName = 30;

    public static void Write(HtmlText page, RunReport report)
    {
        List<(string Name, Histogram? Positive, Histogram Negative)> given
            = [.. report.Embeddings.Select(entry => (entry.Name, entry.Report.PositiveSimilarities, entry.Report.NegativeSimilarities))];
        if (report.QueueSimilarities is { } queue) given.Add(("queries and the queue's keys", null, queue));
        if (given.Count == 0) return;
        (string Name, Histogram? Positive, Histogram Negative)[] rows = [.. Thinning.Evenly(MostRows, given.Count).Select(i => given[i])];
        Histogram[] all = [.. rows.SelectMany(row => new[] { row.Positive, row.Negative })
            .OfType<Histogram>().Select(histogram => histogram.Checked("report"))];
        Axis axis = Axis.Exact(all.Min(Start), all.Max(End), 6);
        int bottom = RowTop + rows.Length * RowHeight;
        page.Line($"""<figure class="card ridges"><figcaption><h3>Similarities{(rows.Length > 1 ? " over time" : "")}</h3>""");
        page.Raw("""<p class="legend">""");
        if (rows.Any(row => row.Positive is not null)) page.Raw("""<span><i class="s0"></i>two views of an image</span>""");
        page.Raw("""<span><i class="s1"></i>different images</span></p></figcaption>""");
        ChartFrame.Open(page, bottom + Foot, "Histograms of cosine similarities: two views of the same image, and different images");
        foreach (double tick in axis.Ticks)
        {
            double x = X(tick, axis);
            page.Line($"""<line class="grid" x1="{x:F1}" y1="{RowTop - 8}" x2="{x:F1}" y2="{bottom}"/>""");
            page.Line($"""<text class="middle" x="{x:F1}" y="{bottom + 17}">{axis.Label(tick)}</text>""");
        }
        const string Title = "cosine similarity, each histogram to its own height";
        page.Line($"""<text class="middle faint" x="{(Left + Right) / 2}" y="{bottom + Foot - 4}">{Title}</text>""");
        for (int i = 0; i < rows.Length; i++)
        {
            int ground = RowTop + (i + 1) * RowHeight;
            page.Line($"""<line class="base" x1="{Left}" y1="{ground}" x2="{Right}" y2="{ground}"/>""");
            page.Line($"""<path class="area s1" d="{Area(rows[i].Negative, axis, ground)}"/>""");
            if (rows[i].Positive is { } positive) page.Line($"""<path class="area s0" d="{Area(positive, axis, ground)}"/>""");
            string name = Figures.Cut(rows[i].Name, LongestName);
            page.Line($"""<text class="halo" x="{Left + 2}" y="{ground - RowHeight + 18}">{name}</text>""");
        }
        page.Raw("</svg>");
        page.Data(new
        {
            top = RowTop,
            row = RowHeight,
            rows = rows.Select(row => new
            {
                name = row.Name,
                lines = new[] { Describe("two views of an image", row.Positive), Describe("different images", row.Negative) }
                    .Where(line => line is not null),
            }),
        });
        page.Raw("</figure>");
    }

    private static string? Describe(string name, Histogram? histogram)
    {
        long total = histogram?.Total ?? 0;
        if (total == 0) return null;
        double low = Quantile(histogram!, 0.05 * total), high = Quantile(histogram!, 0.95 * total);
        return Invariant($"{name}: mean {histogram!.Mean:F3}, nine tenths in {low:F2} … {high:F2}");
    }

    private static double Quantile(Histogram histogram, double rank)
    {
        double before = 0;
        int bin = 0;
        while (bin < histogram.Counts.Count - 1 && before + histogram.Counts[bin] < rank) before += histogram.Counts[bin++];
        double share = Math.Clamp((rank - before) / Math.Max(1, histogram.Counts[bin]), 0, 1);
        return histogram.Edge(bin) + share * (histogram.Edge(bin + 1) - histogram.Edge(bin));
    }

    // The drawing begins and ends where there is something to see.
    private static double Start(Histogram histogram) => histogram.Edge(FirstFilled(histogram));

    private static double End(Histogram histogram) => histogram.Edge(LastFilled(histogram) + 1);

    private static int FirstFilled(Histogram histogram)
        => Enumerable.Range(0, histogram.Counts.Count).FirstOrDefault(bin => histogram.Counts[bin] > 0);

    private static int LastFilled(Histogram histogram)
        => Enumerable.Range(0, histogram.Counts.Count).LastOrDefault(bin => histogram.Counts[bin] > 0);

    private static double X(double value, Axis axis) => Left + (Right - Left) * axis.Share(value);

    private static string Area(Histogram histogram, Axis axis, int ground)
    {
        double scale = (RowHeight - 6.0) / Math.Max(1, histogram.Counts.Max());
        int first = FirstFilled(histogram), last = LastFilled(histogram);
        // Steps, not a smooth line: a histogram is what was counted.
        IEnumerable<string> steps = Enumerable.Range(first, last - first + 1)
            .Select(bin => Invariant($"V{ground - histogram.Counts[bin] * scale:F1}H{X(histogram.Edge(bin + 1), axis):F1}"));
        return Invariant($"M{X(histogram.Edge(first), axis):F1},{ground}{string.Concat(steps)}V{ground}Z");
    }
}
