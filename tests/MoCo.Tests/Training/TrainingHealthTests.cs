using MoCo.Training;

namespace MoCo.Tests.Training;

public sealed class TrainingHealthTests
{
    [Fact]
    public void An_epoch_without_a_step_says_so()
        => Assert.Contains("no step was made", new EpochSummary(2, 0, 0, 0, default, 8.3, null).Health(), StringComparison.Ordinal);

    [Theory]
    [InlineData(4.0, 0.5, 0.8, 0.01, "; healthy")]
    [InlineData(8.31, 0.0, 0.8, 0.01, "still that of guessing")]
    [InlineData(0.3, 0.99, 0.8, 0.01, "augmentation too weak")]
    [InlineData(8.3, 0.0, 0.05, 0.01, "collapsing")]
    [InlineData(4.0, 0.5, 0.8, 0.4, "waits for data")]
    public void Findings_are_put_in_plain_words(double loss, double accuracy, double spread, double waiting, string expected)
    {
        EpochSummary summary = new(3, 100, 25600, 10, new MeasuredStep(loss, accuracy, 0.7, 0, spread), Math.Log(4097), waiting);
        string health = summary.Health();
        Assert.StartsWith("epoch 4: loss ", health, StringComparison.Ordinal);
        Assert.Contains("(chance 8.32)", health, StringComparison.Ordinal);
        Assert.Contains("2560 images/s", health, StringComparison.Ordinal);
        Assert.Contains(expected, health, StringComparison.Ordinal);
    }

    [Theory]
    // rank, features' rank, spread, alignment at the end of an epoch: measured in runs made to collapse and in sound ones
    [InlineData(6.0, 42.3, 0.041, 0.003, "collapsing to a point")]
    [InlineData(1.1, 9.8, 0.009, 0.548, "collapsing to one dimension")]
    [InlineData(2.5, 1.2, 0.2, 0.5, "features are collapsing to one dimension")]
    [InlineData(4.6, 70, 0.055, 0.173, "; healthy")]
    [InlineData(8.6, 63.2, 0.332, 0.574, "; healthy")]
    [InlineData(5.2, 40.5, 0.340, 0.059, "; healthy")]
    public void Collapse_is_read_from_the_latest_embeddings_and_not_from_the_epochs_mean(
        double rank, double features, double deviation, double alignment, string expected)
    {
        EpochSummary summary = Epoch(loss: 7, accuracy: 0.1, spread: 0.19) with
        {
            Embeddings = new(512, deviation, deviation / 3, new(rank, 128), new(features, 64), alignment, -0.02),
        };
        string health = summary.Health();
        Assert.Contains(expected, health, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"effective rank {rank:F1} of 128 (features {features:F1} of 64), alignment "), health,
            StringComparison.Ordinal);
        Assert.Contains("uniformity -0.02", health, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_a_method_has_settled_its_loss_and_the_steps_spread_are_no_finding()
    {
        EpochSummary summary = Epoch(loss: 12, accuracy: 0, spread: 0.05);
        Assert.Contains("collapsing", summary.Health(), StringComparison.Ordinal);
        Assert.EndsWith("; healthy", (summary with { HasSettled = false }).Health(), StringComparison.Ordinal);
        Assert.EndsWith("; healthy", (summary with { Epoch = 0 }).Health(), StringComparison.Ordinal);
        Assert.Contains("worse than that of guessing", Epoch(loss: 12, accuracy: 0, spread: 0.5).Health(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 4096, false)]
    [InlineData(1, 4096, true)]
    [InlineData(0, 64, true)]
    public void A_first_epoch_that_finds_most_keys_among_many_is_given_them(int epoch, int negatives, bool isHealthy)
        => Assert.Equal(isHealthy, new EpochSummary(
            epoch, 100, 25600, 10, new MeasuredStep(4, 0.43, 0.7, 0, 0.8), Math.Log(negatives + 1.0), null)
            .Health().EndsWith("; healthy", StringComparison.Ordinal));

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.504)]
    public void A_first_epoch_of_few_steps_whose_queries_met_random_keys_is_not_accused(int steps, double accuracy)
        => Assert.EndsWith("; healthy", new EpochSummary(
            0, steps, 512, 10, new MeasuredStep(8, accuracy, 0.7, 0, 0.8), Math.Log(4097), null).Health(), StringComparison.Ordinal);

    private static EpochSummary Epoch(double loss, double accuracy, double spread)
        => new(3, 100, 25600, 10, new MeasuredStep(loss, accuracy, 0.7, 0, spread), Math.Log(4097), null);
}
