using MoCo.Evaluation.Diagnostics;
using MoCo.Reporting;

namespace MoCo.Tests.Reporting;

/// <summary>A report with everything that a report can hold, and with names that try to be markup.</summary>
internal static class SampleReport
{
    public const string Hostile = "</script><script>failed('name')</script><img src=x onerror=\"failed('image')\">&amp;'";

    // A red point, 1×1.
    public static readonly byte[] Png =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    private const string LongWord = "a/very/long/path/without/any/place/to/break/it/which/must/not/make/the/page/wider/than/the/window.jpg";

    public static RunReport Make(int steps = 500, int points = 300, int thumbnailBytes = 0)
    {
        MetricsRow[] rows = [.. Enumerable.Range(0, steps).Select(step => new MetricsRow(step, new Dictionary<string, double>
        {
            [MetricsRow.Loss] = 8 - 5.0 * step / steps + 0.3 * Math.Sin(step), [MetricsRow.LearningRate] = 0.03,
            [MetricsRow.Knn] = step % 50 == 0 ? 0.5 : double.NaN, [Hostile] = step,
        }))];
        ReportImage[] images = [.. Enumerable.Range(0, points)
            .Select(i
            => new ReportImage(i == 0 ? LongWord : Hostile, i % 20 == 0 ? null : i % 3 == 0 ? Hostile
            : $"class {i % 13}", Thumbnail(thumbnailBytes)))];
        EmbeddingReport embeddings = Embeddings([1, 0.1, 0.001, 0, 1e-20], 1.5) with
        {
            PositiveSimilarities = new(-1, 1, [0, 1, 2, 0], 0.1),
            NegativeSimilarities = new(-1, 1, [3, 1, 0, 0], -0.6),
        };
        return new RunReport
        {
            Title = Hostile,
            Subtitle = LongWord,
            Facts = [("kNN accuracy", "81.6 %", Hostile), (LongWord, LongWord, "")],
            Findings = [(FindingKind.Good, LongWord), (FindingKind.Warning, Hostile)],
            PresetName = Hostile,
            Options = [("Same", "1", "1"), ("Changed", "new value", "preset value"), (Hostile, LongWord, null),
            (LongWord, Hostile, LongWord)],
            Metrics = rows,
            ChanceLoss = Math.Log(4097),
            Charts = [new ReportChart { Title = LongWord, Unit = Hostile, Series = [(Hostile, [(3, 1)]), (LongWord, [(1, 2), (5, 2)])],
            Limit = (3, Hostile), HorizontalTitle = LongWord }],
            Embeddings = [(Hostile, embeddings), ("end", embeddings with { PositiveSimilarities = null })],
            QueueSimilarities = new(-1, 1, [0, 0], double.NaN),
            Map = (new PrincipalComponents([.. Enumerable.Range(0, points).Select(i => (Math.Sin(i * i), Math.Cos(i * 3.1)))], 0.6, 0.13),
            images),
            Neighbours = [.. images.Take(30)
            .Select(query
            => (query, (IReadOnlyList<(ReportImage, double)>)[.. images.Skip(1).Take(14).Select((hit, i) => (hit, 0.9 - 0.1 * i))]))],
        };
    }

    public static EmbeddingReport Embeddings(double[] spectrum, double effectiveRank) => new()
    {
        Count = 1000,
        Alignment = null,
        Uniformity = -2,
        SingularValues = spectrum,
        EffectiveRank = effectiveRank,
        RankMe = effectiveRank,
        Mean = [],
        Deviation = [],
        PositiveSimilarities = null,
        NegativeSimilarities = new(-1, 1, [0, 0], double.NaN),
    };

    // A decoder stops at the image's end: what follows only makes the file larger.
    private static byte[] Thumbnail(int bytes) => [.. Png, .. new byte[Math.Max(0, bytes - Png.Length)]];
}
