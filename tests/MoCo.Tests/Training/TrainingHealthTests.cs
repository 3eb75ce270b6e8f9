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
}
