using System.Text.Json;
using MoCo.Evaluation.Diagnostics;
using MoCo.Evaluation.Features;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Diagnostics;

public sealed class EmbeddingReportTests
{
    [Fact]
    public void Every_figure_equals_PyTorch_s()
    {
        JsonElement fixture = Fixture.Read("evaluation", "diagnostics.json");
        using Tensor x = Fixture.Tensor(fixture.GetProperty("x"));
        using Tensor y = Fixture.Tensor(fixture.GetProperty("y"));

        EmbeddingReport report = EmbeddingReport.Measure(x, y);

        Assert.Equal(40, report.Count);
        Assert.Equal(fixture.GetProperty("alignment").GetDouble(), report.Alignment!.Value, 1e-6);
        Assert.Equal(fixture.GetProperty("uniformity").GetDouble(), report.Uniformity, 1e-6);
        Assert.Equal(fixture.GetProperty("effective_rank").GetDouble(), report.EffectiveRank, 1e-5);
        Near("singular_values", report.SingularValues);
        Near("mean", report.Mean);
        Near("deviation", report.Deviation);
        using Tensor positives = Fixture.Tensor(fixture.GetProperty("positive_similarities"));
        double[] similarities = positives.data<double>().ToArray();
        Assert.Equal(similarities.Average(), report.PositiveSimilarities!.Mean, 1e-6);
        for (int bin = 0; bin < 100; bin++)
            Assert.Equal(similarities.Count(s => Math.Min(99, (int)((s + 1) * 50)) == bin), report.PositiveSimilarities.Counts[bin]);
        Assert.Equal(40 * 39 / 2, report.NegativeSimilarities.Total);

        void Near(string name, IReadOnlyList<double> actual)
        {
            using Tensor expected = Fixture.Tensor(fixture.GetProperty(name));
            using Tensor found = tensor(actual.ToArray());
            Fixture.Near(expected, found, 1e-6, name);
        }
    }

    [Fact]
    public void Pairs_of_several_blocks_are_counted_once_each()
    {
        using FeatureSet set = Scattered.Set(2500, 3, classes: 5, seed: 1);
        using Tensor unit = nn.functional.normalize(set.Features.to(ScalarType.Float64), dim: 1);
        using Tensor similarities = unit.matmul(unit.t());
        double[] values = similarities.data<double>().ToArray();
        double[] pairs = (from i in Enumerable.Range(0, 2500) from j in Enumerable.Range(i + 1, 2499 - i) select values[(i * 2500) + j])
            .ToArray();

        EmbeddingReport report = EmbeddingReport.Measure(set.Features);

        Assert.Equal(pairs.Length, report.NegativeSimilarities.Total);
        Assert.Equal(pairs.Average(), report.NegativeSimilarities.Mean, 1e-6);
        Assert.Equal(Math.Log(pairs.Average(s => Math.Exp(-2 * (2 - (2 * s))))), report.Uniformity, 1e-6);
        Assert.Null(report.Alignment);
        Assert.Null(report.PositiveSimilarities);
    }

    [Fact]
    public void Collapse_shows_in_every_figure()
    {
        using Tensor same = ones(50, 8);
        EmbeddingReport report = EmbeddingReport.Measure(same, same);

        Assert.Equal(0, report.Alignment!.Value, 1e-12);
        Assert.Equal(0, report.Uniformity, 1e-5);
        Assert.All(report.Deviation, deviation => Assert.Equal(0, deviation, 1e-7));
        Assert.All(report.SingularValues, value => Assert.Equal(0, value, 1e-12));
        Assert.Equal(50 * 49 / 2, report.NegativeSimilarities.Counts[99]);

        using Tensor axes = eye(8).repeat(4, 1);
        Assert.Equal(7, EmbeddingReport.Measure(axes).EffectiveRank, 1e-4); // one dimension goes into the mean
        Assert.Equal(4, EmbeddingFigures.EffectiveRank([2, 2, 2, 2, 0]), 1e-12);
        Assert.Equal(0, EmbeddingFigures.EffectiveRank([0, 0]));
    }

    [Fact]
    public void Similarities_to_a_queue_are_of_all_its_keys()
    {
        using FeatureSet queries = Scattered.Set(10, 4, classes: 2, seed: 1);
        using FeatureSet keys = Scattered.Set(3000, 4, classes: 2, seed: 2);
        using Tensor q = nn.functional.normalize(queries.Features, dim: 1);
        using Tensor k = nn.functional.normalize(keys.Features, dim: 1);
        using Tensor all = q.matmul(k.t());

        Histogram histogram = QueueDiagnostics.NegativeSimilarities(queries.Features, keys.Features);

        Assert.Equal(30_000, histogram.Total);
        Assert.Equal(all.mean().item<float>(), histogram.Mean, 1e-5);
    }

    [Fact]
    public void RankMe_and_LiDAR_equal_their_formulas_in_NumPy()
    {
        string? python = Python.Find("import numpy");
        Assert.SkipWhen(python is null, "no python3 with numpy");
        const string Script = """
            import json, sys, numpy as np
            e = np.array(json.loads(sys.argv[1]))  # n, q, d
            n, q, d = e.shape
            mu = e.mean(1); m = mu.mean(0)
            b = sum(np.outer(x - m, x - m) for x in mu) / n
            w = sum(np.outer(e[i, j] - mu[i], e[i, j] - mu[i]) for i in range(n) for j in range(q)) / (n * q) + 1e-4 * np.eye(d)
            l, v = np.linalg.eigh(w)
            r = v @ np.diag(l ** -0.5) @ v.T
            rank = lambda s: np.exp(-sum(p * np.log(p) for p in s / s.sum() + 1e-7))
            z = e[:, 0] / np.linalg.norm(e[:, 0], axis=1, keepdims=True)
            print(json.dumps([rank(np.abs(np.linalg.eigvalsh(r @ b @ r))), rank(np.linalg.svd(z, compute_uv=False))]))
            """;
        (int n, int q, int d) = (40, 5, 7);
        Random random = new(1);
        float[] images = [.. Enumerable.Range(0, n * d).Select(_ => (float)random.NextDouble())];
        Tensor[] views = [.. Enumerable.Range(0, q).Select(_ =>
            tensor([.. images.Select((value, i) => value + (float)(random.NextDouble() * (i % d) / d))]).view(n, d))];
        float[][] values = [.. views.Select(Scattered.Values)];
        float[][][] all = [.. Enumerable.Range(0, n).Select(i => values.Select(view => view[(i * d)..((i + 1) * d)]).ToArray())];

        (int code, string output) = Python.Start(python, Script, [JsonSerializer.Serialize(all)])!.Value;

        Assert.True(code == 0, output);
        double[] expected = JsonSerializer.Deserialize<double[]>(output)!;
        double lidar = EmbeddingReport.MeasureLidar(views);
        Assert.Equal(expected[0], lidar, 1e-6);
        Assert.Equal(expected[1], EmbeddingReport.Measure(views[0]).RankMe, 1e-5);
        Assert.InRange(lidar, 1, d - 1);
        foreach (Tensor view in views) view.Dispose();
    }

    [Fact]
    public void LiDAR_does_not_count_a_direction_in_which_augmentation_moves_more_than_images_differ()
    {
        // Four directions tell images apart; along one of them, slanted, views of an image lie much further apart than images do.
        Tensor images = tensor([.. Enumerable.Range(0, 16 * 4).Select(i => (i / 4) >> (i % 4) & 1)]).view(16, 4).to(ScalarType.Float32);
        Tensor moved = tensor(new float[] { 30, 30, 30, 0 });
        Assert.Equal(4, EmbeddingReport.MeasureLidar([images, images]), 1e-3);
        Assert.Equal(3, EmbeddingReport.MeasureLidar([images.Plus(moved), images.sub(moved)]), 1e-3);
        Assert.Equal(0, EmbeddingReport.MeasureLidar([ones(16, 4), ones(16, 4)]));
    }

    [Fact]
    public void Errors_are_named_and_nothing_is_left_behind()
    {
        using Tensor x = ones(4, 3);
        using Tensor zero = zeros(4, 3);
        using Tensor broken = Filled(double.PositiveInfinity, 4, 3);
        long before = LiveTensors.Settled();

        Refused("N at least 2, floating, found 1×3", () => EmbeddingReport.Measure(x.narrow(0, 0, 1)));
        Refused("Row 0 of embeddings has the length 0", () => EmbeddingReport.Measure(zero));
        Refused("Row 0 of otherViews has the length Infinity", () => EmbeddingReport.Measure(x, broken));
        Refused("Expected 4×3 as the embeddings, found 2×3", () => EmbeddingReport.Measure(x, x.narrow(0, 0, 2)));
        Refused("Expected keys of 3 numbers as the queries, found 2", ()
            => QueueDiagnostics.NegativeSimilarities(x, x.narrow(1, 0, 2)));
        Refused("two views of each image or more, found 1", () => EmbeddingReport.MeasureLidar([x]));
        Refused("Expected view 1 of shape 4×3, floating, found 2×3", () => EmbeddingReport.MeasureLidar([x, x.narrow(0, 0, 2)]));
        Refused("Expected view 0 of shape N×D, N at least 2", () => EmbeddingReport.MeasureLidar([x.select(0, 0), x]));
        Refused("View 1 is not finite", () => EmbeddingReport.MeasureLidar([x, broken]));
        Refused("Expected above 0", () => EmbeddingReport.MeasureLidar([x, x], 0));
        EmbeddingReport.Measure(x, x);
        EmbeddingReport.MeasureLidar([x, zero]);

        Assert.Equal(before, LiveTensors.Settled());

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }
}
