using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Neighbours;

public sealed class RetrievalTests
{
    [Fact]
    public void It_equals_a_naive_computation_over_several_blocks_and_images_without_a_label_take_no_part()
    {
        using FeatureSet all = Scattered.Set(300, 6, classes: 9, seed: 1, spread: 1.5);
        int[] given = [.. all.Labels!.Select((label, row) => row == 5 ? 9 : row % 13 == 0 ? FeatureSet.Unlabelled : label)];
        using FeatureSet set = new(all.Features.clone(), given);
        int[] rows = [.. Enumerable.Range(0, 300).Where(row => given[row] >= 0)], k = [1, 5, 10, 5000];
        using Tensor wide = nn.functional.normalize(set.Features.to(ScalarType.Float64), dim: 1);
        using Tensor product = wide.matmul(wide.t());
        double[] similarities = product.data<double>().ToArray();
        (double precision, int queries, double[] recall) = (0, 0, new double[k.Length]);
        foreach (int query in rows)
        {
            bool[] relevant = [.. rows.Where(row => row != query).OrderByDescending(row => similarities[(query * 300) + row])
                .Select(row => given[row] == given[query])];
            int[] places = [.. Enumerable.Range(0, relevant.Length).Where(place => relevant[place])];
            if (places.Length == 0) continue;
            queries++;
            precision += places.Select((place, hit) => (hit + 1.0) / (place + 1)).Average();
            for (int i = 0; i < k.Length; i++) recall[i] += places[0] < k[i] ? 1 : 0;
        }

        Retrieval found = Retrieval.Measure(set, k, mostQueries: 64, default);

        Assert.Equal((queries, 1), (found.Queries, found.Alone));
        Assert.Equal(rows.Length - 1, queries);
        Assert.Equal(precision / queries, found.MeanAveragePrecision, 1e-6);
        Assert.Equal(k, found.Recall.Select(entry => entry.K));
        Assert.Equal(recall.Select(sum => sum / queries), found.Recall.Select(entry => entry.Share));
        Assert.InRange(found.MeanAveragePrecision, 0.2, 0.9);
    }

    [Fact]
    public void Equal_similarities_come_in_the_order_of_numbers_and_a_query_is_no_hit_of_its_own()
    {
        // For query 0: its own place left out, then 1 (another class), 2 (its own), both at 1; 3 at 0.
        using FeatureSet set = new(tensor(new float[,] { { 1, 0 }, { 2, 0 }, { 3, 0 }, { 0, 1 } }), [0, 1, 0, 1]);

        Retrieval found = Retrieval.Measure(set, [1, 2, 3]);

        // Average precisions ½, ⅓ (0 and 2 come before 3), 1 (0 comes first), ½ (1 comes second).
        Assert.Equal((0.5 + (1.0 / 3) + 1 + 0.5) / 4, found.MeanAveragePrecision, 1e-12);
        Assert.Equal([(1, 0.25), (2, 0.75), (3, 1.0)], found.Recall);
    }

    [Fact]
    public void What_can_not_be_measured_is_named_and_nothing_is_left_behind()
    {
        using FeatureSet alone = new(ones(3, 2), [0, 1, FeatureSet.Unlabelled]);
        using FeatureSet unlabelled = new(ones(3, 2), null);
        using FeatureSet broken = new(Filled(double.NaN, 3, 2), [0, 0, 1]);
        long before = LiveTensors.Settled();

        foreach (FeatureSet set in new[] { alone, unlabelled }) Refused("two labelled images or more of some class", set, [1]);
        Refused("Row 0 of features has the length NaN", broken, [1]);
        Refused("must be greater than or equal to '1'", alone, [5, 0]);

        Assert.Equal(before, LiveTensors.Settled());

        static void Refused(string because, FeatureSet set, int[] k) => Assert.Contains(
            because, Assert.ThrowsAny<ArgumentException>(() => Retrieval.Measure(set, k)).Message, StringComparison.Ordinal);
    }
}
