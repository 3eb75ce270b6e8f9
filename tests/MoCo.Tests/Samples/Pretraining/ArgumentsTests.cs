using MoCo.Encoders;
using MoCo.Optimization;
using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

public sealed class ArgumentsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Flags_win_over_the_file_and_the_file_over_the_preset()
    {
        string file = Write("""{ "preset": "v1", "arch": "resnet34", "temperature": 0.5, "milestones": [3, 4], "nesterov": true }""");
        Plan plan = SmallRun.Asked(["--data", "x", "--out", "y", "--options", file, "--temperature", "0.3"]).Plan;
        Assert.Equal(("v1", Backbone.ResNet34, 0.3, true),
            (plan.Preset, plan.Options.Encoder.Backbone, plan.Options.Loss.Temperature, plan.Options.Optimizer.Nesterov));
        Assert.Equal([3, 4], Assert.IsType<StepSchedule>(plan.Options.Schedule).Milestones);
        Assert.Equal(0.999, plan.Options.KeyEncoder.Momentum);
    }

    [Fact]
    public void A_switch_stands_alone_for_true_and_takes_false()
    {
        Plan plan = SmallRun.Asked(["--nesterov", "--shuffle-keys", "false", "--data", "x", "--out", "y"]).Plan;
        Assert.Equal((true, false), (plan.Options.Optimizer.Nesterov, plan.Options.KeyEncoder.ShuffleBatch));
    }

    [Fact]
    public void The_options_file_of_a_run_gives_the_same_plan_again()
    {
        Plan plan = SmallRun.Asked(
            ["--data", "x", "--out", "y", "--preset", "cifar", "--width", "0.25", "--warmup-epochs", "0.5",
            "--save-every-steps", "7", "--min-area", "0.3"]).Plan;
        string file = folder.File("options.json");
        SettingsFile.Write(file, plan, 123);
        Plan again = SmallRun.Asked(["--options", file, "--out", "z"]).Plan;
        Assert.All(Settings.All, setting => Assert.Equal(setting.Read(plan), setting.Read(again)));
        Assert.DoesNotContain("temperature", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "tempreature": 1 }""", "'tempreature'; expected the flags' names without dashes: preset, data, ")]
    [InlineData("""{ "tempreature": 1 }""", ". Did you mean temperature?")]
    [InlineData("""[1]""", "is not a JSON object")]
    [InlineData("""{ "temperature": }""", "is not readable as JSON")]
    [InlineData("""{ "temperature": {} }""", "has an object at 'temperature'")]
    [InlineData("""{ "temperature": "warm" }""", "--temperature is 'warm'; expected a number.")]
    [InlineData("""{ "preset": "v4" }""", "--preset is 'v4'; expected v1, v2, v3, v3-vit, cifar.")]
    public void A_wrong_options_file_is_refused_by_what_is_wrong(string json, string message) =>
        Assert.Contains(message,
            Assert.Throws<UsageException>(() => SmallRun.Asked(["--data", "x", "--out", "y", "--options", Write(json)]))
            .Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--out is missing", "--data", "x")]
    [InlineData("--epohcs", "--data", "x", "--out", "y", "--epohcs", "3")]
    [InlineData("--epochs", "--data", "x", "--out", "y", "--epochs")]
    public void A_wrong_command_line_is_refused(string message, params string[] args) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => SmallRun.Asked(args)).Message, StringComparison.Ordinal);

    private string Write(string json)
    {
        string file = folder.File("given.json");
        File.WriteAllText(file, json);
        return file;
    }
}
