using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

/// <summary>A report with everything that a report can hold, and with names that try to be markup.</summary>
internal static class SampleReport
{
    public const string Hostile = "</script><script>failed('name')</script><img src=x onerror=\"failed('image')\">&amp;'";

    // A red point, 1×1.
    public static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    private const string LongWord = "a/very/long/path/without/any/place/to/break/it/which/must/not/make/the/page/wider/than/the/window.jpg";

    public static RunReport Make(int steps = 500, int points = 300, int thumbnailBytes = 0)
    {
        MetricsRow[] rows = [.. Enumerable.Range(0, steps).Select(step => new MetricsRow(step, new Dictionary<string, double>
        {
            [MetricNames.Loss] = 8 - 5.0 * step / steps + 0.3 * Math.Sin(step), [MetricNames.LearningRate] = 0.03,
            [MetricNames.Knn] = step % 50 == 0 ? 0.5 : double.NaN, [Hostile] = step,
        }))];
        ReportImage[] images = [.. Enumerable.Range(0, points).Select(i => new ReportImage(i == 0 ? LongWord : Hostile, i % 20 == 0 ? null : i % 3 == 0 ? Hostile : $"class {i % 13}", Thumbnail(thumbnailBytes)))];
        SpectrumSnapshot spectrum = new(Hostile, [1, 0.1, 0.001, 0, 1e-20], 1.5);
        return new RunReport
        {
            Title = Hostile,
            Subtitle = LongWord,
            Facts = [new("kNN accuracy", "81.6 %", Hostile), new(LongWord, LongWord)],
            Findings = [new(FindingKind.Good, LongWord), new(FindingKind.Warning, Hostile)],
            PresetName = Hostile,
            Options = [new("Same", "1", "1"), new("Changed", "new value", "preset value"), new(Hostile, LongWord), new(LongWord, Hostile, LongWord)],
            Charts = [.. RunCharts.From(rows, Math.Log(4097)), new ReportChart { Title = LongWord, Unit = Hostile, Series = [new(Hostile, [(3, 1)]), new(LongWord, [(1, 2), (5, 2)])], Limit = new(3, Hostile), HorizontalTitle = LongWord }],
            Similarities = [new(Hostile, new(-1, 1, [0, 1, 2, 0]), new(-1, 1, [3, 1, 0, 0])), new("end", null, new(-1, 1, [0, 0]))],
            Spectra = [spectrum, spectrum with { Name = "end" }],
            Embeddings = new(Enumerable.Range(0, points * 8).Select(i => MathF.Sin(i * i)).ToArray(), images),
            Neighbours = [.. images.Take(30).Select(query => new NeighbourRow(query, [.. images.Skip(1).Take(14).Select((hit, i) => new NeighbourHit(hit, 0.9 - 0.1 * i))]))],
        };
    }

    // A decoder stops at the image's end: what follows only makes the file larger.
    private static byte[] Thumbnail(int bytes) => [.. Png, .. new byte[Math.Max(0, bytes - Png.Length)]];
}
