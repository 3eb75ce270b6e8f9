using System.Text.Json;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Optimization;
using TorchSharp;

namespace MoCo.Tests.Evaluation.Linear;

public sealed class LinearProbeTests
{
    private static readonly LinearProbeOptions Short = new() { Epochs = 20, BatchSize = 32, LearningRates = [0.001, 0.01, 0.1, 1] };

    [Fact]
    public void Rates_side_by_side_equal_PyTorch_s_SGD_one_by_one()
    {
        JsonElement fixture = Fixture.Read("evaluation", "probe.json");
        using FeatureSet set = Scattered.Of(fixture.GetProperty("features"), fixture.GetProperty("labels"));
        JsonElement[] runs = [.. fixture.GetProperty("runs").EnumerateArray()];
        (int batch, int epochs) = (fixture.GetProperty("batch").GetInt32(), fixture.GetProperty("epochs").GetInt32());
        LinearProbeOptions options = new()
        {
            Momentum = fixture.GetProperty("momentum").GetDouble(),
            WeightDecay = fixture.GetProperty("decay").GetDouble(),
            WeightDeviation = 0,
        };
        // Alone, as three and as nine: the scalar way, and vectors with and without a rest.
        double[] three = [.. runs.Select(run => run.GetProperty("rate").GetDouble())];
        foreach (
            double[] rates in (double[][])[[three[0]], [three[1]], [three[2]], three, [.. three, .. three, .. three],
            [.. Enumerable.Repeat(three, 6).SelectMany(r => r)]])
        {
            using LinearRates bank = new(set.Dimension, fixture.GetProperty("classes").GetInt32(), options, rates);
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                for (int start = 0; start < set.Count; start += batch)
                {
                    int size = Math.Min(batch, set.Count - start);
                    using torch.Tensor x = set.Features.narrow(0, start, size);
                    bank.Step(x, [.. set.Labels!.Skip(start).Take(size)], epoch == epochs - 1 ? 0.1 : 1);
                }
            }
            for (int i = 0; i < rates.Length; i++)
            {
                JsonElement run = runs.Single(r => r.GetProperty("rate").GetDouble() == rates[i]);
                LinearClassifier classifier = bank.Classifier(i);
                using torch.Tensor weight = torch.tensor(classifier.Weight.ToArray()).view(classifier.Bias.Length, -1);
                using torch.Tensor bias = torch.tensor(classifier.Bias.ToArray());
                Fixture.Near(Fixture.Tensor(run.GetProperty("weight")), weight, 2e-5,
                    $"weight at rate {rates[i]} of {rates.Length}, place {i}");
                Fixture.Near(Fixture.Tensor(run.GetProperty("bias")), bias, 2e-5, $"bias at rate {rates[i]} of {rates.Length}, place {i}");
                Assert.Equal(run.GetProperty("loss").GetDouble(), bank.Losses[i], 1e-5);
            }
        }
    }

    [Fact]
    public void The_probe_separates_what_is_separable_and_counts_as_a_naive_loop_does()
    {
        using FeatureSet training = Scattered.Set(400, 12, classes: 6, seed: 1);
        using FeatureSet test = Scattered.Set(150, 12, classes: 6, seed: 2);

        ProbeResult result = LinearProbe.Train(training, test, Short with { ClassNames = ["a", "b"] });

        Assert.InRange(result.Test.Top1, 0.9, 1);
        Assert.True(result.Test.Top5 >= result.Test.Top1);
        Assert.Equal(150, result.Test.Total);
        int[] predicted = [.. Scattered.Values(test.Features).Chunk(12).Select(x => Naive(result, x))];
        Assert.Equal(predicted.Zip(test.Labels!).Count(pair => pair.First == pair.Second), result.Test.Correct);
        for (int actual = 0; actual < 6; actual++)
        {
            for (int found = 0; found < 6; found++)
                Assert.Equal(predicted.Zip(test.Labels!).Count(pair => pair == (found, actual)), result.Confusion[actual, found]);
            Assert.Equal((double)result.Confusion[actual, actual] / test.Labels!.Count(label => label == actual),
                result.Confusion.Recall(actual));
            Assert.Equal((double)result.Confusion[actual, actual] / predicted.Count(label => label == actual),
                result.Confusion.Precision(actual));
        }
        Assert.Equal(["a", "b", "class 2", "class 3", "class 4", "class 5"], result.Confusion.Names);
        Assert.Contains($"\nb\t{result.Confusion[1, 0]}\t{result.Confusion[1, 1]}\t", result.Confusion.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_rate_that_the_held_out_images_prefer_is_the_one_trained_and_tested()
    {
        using FeatureSet training = Scattered.Set(300, 8, classes: 4, seed: 3, spread: 2);
        using FeatureSet test = Scattered.Set(100, 8, classes: 4, seed: 4, spread: 2);

        ProbeResult result = LinearProbe.Train(training, test, Short);

        Assert.Equal(Short.LearningRates, result.LearningRates.Select(score => score.LearningRate));
        Assert.All(result.LearningRates, score => Assert.InRange(score.HeldOut.Total, 28, 32));
        int best = result.LearningRates.Max(score => score.HeldOut.Correct);
        Assert.Equal(best, result.LearningRates.Single(score => score.LearningRate == result.LearningRate).HeldOut.Correct);
        ProbeResult alone = LinearProbe.Train(training, test, Short with { LearningRates = [result.LearningRate] });
        Assert.Equal(alone.Test, result.Test);
        Assert.Equal(alone.Weight.ToArray(), result.Weight.ToArray());
        Assert.Empty(alone.LearningRates);
    }

    [Fact]
    public void A_rate_at_which_training_diverges_spoils_no_other_and_is_never_chosen()
    {
        using FeatureSet training = Scattered.Set(200, 8, classes: 4, seed: 3);
        using FeatureSet test = Scattered.Set(100, 8, classes: 4, seed: 4);
        LinearProbeOptions options = Short with { LearningRates = [0.01, 1e38, 0.1] };

        ProbeResult result = LinearProbe.Train(training, test, options);

        Assert.False(double.IsFinite(result.LearningRates[1].Loss));
        ProbeResult without = LinearProbe.Train(training, test, Short with { LearningRates = [0.01, 0.1] });
        Assert.Equal(without.Test, result.Test);
        Assert.Equal(without.LearningRate, result.LearningRate);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => LinearProbe.Train(training, test, Short with { LearningRates = [1e38] }));
        Assert.Contains("diverged at every learning rate tried (1E+38)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_without_a_label_are_as_if_they_were_not_there()
    {
        using FeatureSet all = Scattered.Set(300, 8, classes: 4, seed: 3);
        using FeatureSet some = Scattered.Labelling(all, 3);
        using torch.Tensor index = Counting(300, 3);
        using FeatureSet only = new(all.Features.index_select(0, index), [.. all.Labels!.Where((_, row) => row % 3 == 0)]);
        LinearProbeOptions options = Short with { LearningRates = [0.1] };

        ProbeResult expected = LinearProbe.Train(only, only, options);
        ProbeResult result = LinearProbe.Train(some, some, options);

        Assert.Equal(100, result.Test.Total);
        Assert.Equal(expected.Test, result.Test);
        Assert.Equal(expected.Weight.ToArray(), result.Weight.ToArray());
    }

    [Fact]
    public void The_official_schedule_falls_at_60_and_80_of_100_epochs_and_another_can_be_given()
    {
        Assert.Equal([1, 1, 0.1, 0.1, 0.01, 0.01],
            new[] { 0, 59, 60, 79, 80, 99 }.Select(epoch => LinearProbeOptions.Official.Factor(epoch, 0)));
        Assert.Equal([1, 0.1, 0.01], new[] { 5, 6, 8 }.Select(epoch => new LinearProbeOptions { Epochs = 10 }.Factor(epoch, 0)));
        Assert.Equal([30.0], LinearProbeOptions.Official.LearningRates);
        LinearProbeOptions cosine = new() { Schedule = new CosineSchedule(), Epochs = 10 };
        Assert.Equal(0.5, cosine.Factor(5, 0), 1e-12);
    }

    [Fact]
    public void Nothing_is_left_behind_and_every_epoch_is_reported()
    {
        using FeatureSet set = Scattered.Set(100, 8, classes: 4, seed: 3);
        (long before, byte[]? random) = (LiveTensors.Settled(), RandomBytes());
        Reports reports = new();

        LinearProbe.Train(set, set, Short, reports);

        Assert.Equal(before, LiveTensors.Settled());
        Assert.Equal(random, RandomBytes());
        Assert.Equal(Enumerable.Range(1, Short.ChoosingEpochs).Concat(Enumerable.Range(1, Short.Epochs)),
            reports.Select(report => report.Epoch));
        Assert.Equal([true, false], reports.Select(report => report.Choosing).Distinct());
        Assert.True(reports[Short.ChoosingEpochs - 1].Loss < reports[0].Loss);
    }

    [Fact]
    public void Errors_are_named()
    {
        using FeatureSet set = Scattered.Set(40, 4, classes: 3, seed: 1);
        using FeatureSet other = Scattered.Set(40, 5, classes: 3, seed: 1);
        using FeatureSet unlabelled = new(torch.ones(40, 4), null);
        using FeatureSet broken = new(Filled(double.NaN, 40, 4), set.Labels);
        using FeatureSet distinct = new(torch.ones(3, 4), [0, 1, 2]);

        Refused("The training features have no labels", () => LinearProbe.Train(unlabelled, set));
        Refused("The test features have no labels", () => LinearProbe.Train(set, unlabelled));
        Refused("Expected test features of 4 dimensions as the training features', found 5.", () => LinearProbe.Train(set, other));
        Refused("The features of training 0 are not finite", () => LinearProbe.Train(broken, set));
        Refused("No class has two images", () => LinearProbe.Train(distinct, set));
        Refused(
            "LinearProbeOptions: LearningRates is [0, NaN]; expected 1 to 1024 numbers above 0. BatchSize is 0; expected 1 to "
            + "1048576. ChoosingEpochs is 0; expected 1 or more. "
            + "HeldOut is 0.6; expected above 0 to 0.5. Epochs is 0; expected 1 or more. Momentum is 1; expected 0 to below 1. "
                + "WeightDecay is -1; expected 0 or more.",
            () => LinearProbe.Train(set, set,
            new()
            {
                LearningRates = [0, double.NaN],
                BatchSize = 0,
                Epochs = 0,
                ChoosingEpochs = 0,
                Momentum = 1,
                WeightDecay = -1,
                HeldOut = 0.6
            }));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => LinearProbe.Train(set, set, cancellationToken: cancelled.Token));

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static int Naive(ProbeResult probe, float[] x)
    {
        double[] scores = Enumerable.Range(0, probe.Bias.Length).Select(c =>
            x.Select((value, i) => (double)value * probe.Weight.Span[(c * x.Length) + i]).Sum() + probe.Bias.Span[c]).ToArray();
        return Array.IndexOf(scores, scores.Max());
    }

    private sealed class Reports : List<ClassifierProgress>, IProgress<ClassifierProgress>
    {
        public void Report(ClassifierProgress value) => Add(value);
    }
}
