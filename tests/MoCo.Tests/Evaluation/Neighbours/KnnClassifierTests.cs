using System.Text.Json;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using TorchSharp;

namespace MoCo.Tests.Evaluation.Neighbours;

public sealed class KnnClassifierTests
{
    [Theory]
    [InlineData(1, 0.1, 1024)]
    [InlineData(7, 0.1, 16)]
    [InlineData(50, 0.07, 33)]
    [InlineData(300, 1, 7)]
    public void Equals_a_naive_loop_in_float64(int neighbours, double temperature, int blockSize)
    {
        using FeatureSet bank = Scattered.Set(300, 10, classes: 12, seed: 1);
        using FeatureSet queries = Scattered.Set(90, 10, classes: 12, seed: 2);

        Accuracy result = KnnClassifier.EvaluateGrid(bank, queries, [neighbours], [temperature], blockSize)[0].Accuracy;

        Assert.Equal(Naive(bank, queries, neighbours, temperature), result);
        Assert.InRange(result.Correct, 20, 89);
        Assert.True(result.CorrectInFive > result.Correct);
        Assert.Equal((double)result.Correct / 90, result.Top1);
        Assert.Equal((double)result.CorrectInFive / 90, result.Top5);
    }

    [Fact]
    public void A_bank_of_many_blocks_equals_a_naive_loop()
    {
        using FeatureSet bank = Scattered.Set(9000, 3, classes: 5, seed: 3);
        using FeatureSet queries = Scattered.Set(40, 3, classes: 5, seed: 4);

        Assert.Equal(Naive(bank, queries, 60, 0.1), KnnClassifier.Evaluate(bank, queries, 60));
    }

    [Fact]
    public void The_length_of_vectors_does_not_matter()
    {
        using FeatureSet bank = Scattered.Set(200, 8, classes: 3, seed: 1);
        using FeatureSet queries = Scattered.Set(50, 8, classes: 3, seed: 2);
        using FeatureSet longer = new(queries.Features.Times(1024L), queries.Labels);

        Assert.Equal(KnnClassifier.Evaluate(bank, queries, 20), KnnClassifier.Evaluate(bank, longer, 20));
    }

    [Fact]
    public void A_set_finds_itself_with_one_neighbour()
    {
        using FeatureSet set = Scattered.Set(100, 16, classes: 10, seed: 5);

        Assert.Equal(new Accuracy(100, 100, 100), KnnClassifier.Evaluate(set, set, 1));
    }

    [Fact]
    public void A_temperature_near_zero_lets_the_nearest_decide_without_overflow()
    {
        using FeatureSet bank = Scattered.Set(100, 4, classes: 3, seed: 1);
        using FeatureSet queries = Scattered.Set(60, 4, classes: 3, seed: 2);

        Accuracy cold = KnnClassifier.Evaluate(bank, queries, 50, 1e-9);

        Assert.Equal(KnnClassifier.Evaluate(bank, queries, 1).Correct, cold.Correct);
    }

    [Fact]
    public void Equal_votes_go_to_the_lower_label_and_equal_similarities_to_the_earlier_entry()
    {
        using FeatureSet bank = new(torch.ones(4, 2), [2, 1, 0, 0]);
        using FeatureSet queries = new(torch.ones(1, 2), [1]);

        // The two earliest of four equals vote, once each for 2 and 1.
        Assert.Equal(1, KnnClassifier.Evaluate(bank, queries, 2).Correct);
    }

    [Fact]
    public void A_grid_in_one_pass_equals_PyTorch_s_vote_at_every_setting()
    {
        JsonElement fixture = Fixture.Read("evaluation", "knn.json");
        using FeatureSet bank = Scattered.Of(fixture.GetProperty("bank"), fixture.GetProperty("bank_labels"));
        using FeatureSet queries = Scattered.Of(fixture.GetProperty("queries"), fixture.GetProperty("labels"));
        (int, double, Accuracy)[] expected = [.. fixture.GetProperty("scores").EnumerateArray().Select(score => (
            score.GetProperty("k").GetInt32(),
            score.GetProperty("temperature").GetDouble(),
            new Accuracy(score.GetProperty("correct").GetInt32(), score.GetProperty("in_five").GetInt32(), queries.Count)))];

        IReadOnlyList<(int Neighbours, double Temperature, Accuracy Accuracy)> scores =
            KnnClassifier.EvaluateGrid(bank, queries, [1, 5, 40, 150], [0.07, 0.1, 1]);

        Assert.Equal(expected, scores);
    }

    [Fact]
    public void A_grid_in_any_order_equals_its_settings_one_by_one()
    {
        using FeatureSet bank = Scattered.Set(300, 10, classes: 12, seed: 1);
        using FeatureSet queries = Scattered.Set(90, 10, classes: 12, seed: 2);

        IReadOnlyList<(int Neighbours, double Temperature, Accuracy Accuracy)> scores =
            KnnClassifier.EvaluateGrid(bank, queries, [50, 1, 200, 50], [1, 0.07], blockSize: 32);

        Assert.Equal([50, 50, 1, 1, 200, 200, 50, 50], scores.Select(score => score.Neighbours));
        Assert.All(scores, score
            => Assert.Equal(
            KnnClassifier.Evaluate(bank, queries, score.Neighbours, score.Temperature),
            score.Accuracy));
    }

    [Fact]
    public void Rows_without_a_label_neither_vote_nor_are_asked()
    {
        using FeatureSet all = Scattered.Set(9000, 3, classes: 5, seed: 3);
        using FeatureSet bank = Scattered.Labelling(all, 2);
        using torch.Tensor index = Counting(9000, 2);
        using FeatureSet voters = new(all.Features.index_select(0, index), [.. all.Labels!.Where((_, row) => row % 2 == 0)]);
        using FeatureSet asked = Scattered.Set(60, 3, classes: 5, seed: 4);
        using FeatureSet queries = Scattered.Labelling(asked, 3);

        Accuracy result = KnnClassifier.EvaluateGrid(bank, queries, [30], [0.1], blockSize: 7)[0].Accuracy;

        Assert.Equal(20, result.Total);
        using torch.Tensor third = Counting(60, 3);
        using FeatureSet only = new(asked.Features.index_select(0, third), [.. asked.Labels!.Where((_, row) => row % 3 == 0)]);
        Assert.Equal(KnnClassifier.Evaluate(voters, only, 30), result);
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => KnnClassifier.Evaluate(bank, queries, 4501));
        Assert.Contains("neighbours is 4501, the bank has only 4500 labelled vectors.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using FeatureSet bank = Scattered.Set(200, 8, classes: 3, seed: 1);
        long before = LiveTensors.Settled();

        KnnClassifier.EvaluateGrid(bank, bank, [20], blockSize: 16);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Errors_are_named()
    {
        using FeatureSet bank = Scattered.Set(20, 4, classes: 3, seed: 1);
        using FeatureSet other = Scattered.Set(20, 5, classes: 3, seed: 1);
        using FeatureSet unlabelled = new(torch.ones(20, 4), null);
        using FeatureSet broken = new(Filled(double.NaN, 20, 4), bank.Labels);

        Refused("Expected queries of 4 dimensions as the bank's, found 5.", () => KnnClassifier.Evaluate(bank, other, 2));
        Refused("The bank has no labels", () => KnnClassifier.Evaluate(unlabelled, bank, 2));
        Refused("The queries have no labels", () => KnnClassifier.Evaluate(bank, unlabelled, 2));
        Refused("neighbours is 200, the bank has only 20 vectors.", () => KnnClassifier.Evaluate(bank, bank));
        Refused("Row 0 of bank has the length NaN; expected a finite one.", () => KnnClassifier.Evaluate(broken, bank, 2));
        Refused(
            "EvaluateGrid: neighbours is [0]; expected one number or more, each 1 or more. temperatures is [NaN]; expected one or more, "
            + "each above 0. blockSize is 0; expected 1 to 65536.",
            () => KnnClassifier.EvaluateGrid(bank, bank, [0], [double.NaN], blockSize: 0));
        Refused("EvaluateGrid: neighbours is []; expected one number or more, each 1 or more. temperatures is []; ", ()
            => KnnClassifier.EvaluateGrid(bank, bank, [], []));

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static Accuracy Naive(FeatureSet bank, FeatureSet queries, int neighbours, double temperature)
    {
        (double[][]? b, double[][]? q) = (Rows(bank), Rows(queries));
        int correct = 0, inFive = 0;
        for (int i = 0; i < q.Length; i++)
        {
            IEnumerable<(double Similarity, int Label)> nearest =
                b.Select((row, entry) => (Similarity: Cosine(q[i], row), Label: bank.Labels![entry]))
                .OrderByDescending(pair => pair.Similarity).Take(neighbours);
            List<int> ranking = nearest.GroupBy(pair => pair.Label)
                .Select(group => (Label: group.Key, Votes: group.Sum(pair => Math.Exp(pair.Similarity / temperature))))
                .OrderByDescending(vote => vote.Votes).Select(vote => vote.Label).ToList();
            ranking.AddRange(Enumerable.Range(0, 12).Except(ranking));
            correct += ranking[0] == queries.Labels![i] ? 1 : 0;
            inFive += ranking.Take(5).Contains(queries.Labels![i]) ? 1 : 0;
        }
        return new Accuracy(correct, inFive, q.Length);
    }

    private static double[][] Rows(FeatureSet set)
        => [.. Scattered.Values(set.Features).Select(value => (double)value).Chunk(set.Dimension)];

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
