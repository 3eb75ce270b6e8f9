using System.Text.Json.Nodes;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Reporting;
using MoCo.Tests.Reporting;

namespace MoCo.Tests.Samples;

/// <summary>The program as its users have it, on 600 small images of four classes, three steps an epoch.</summary>
public sealed class QuickstartProgramTests(QuickstartProgramTests.OneEpoch begun)
    : IClassFixture<QuickstartProgramTests.OneEpoch>, IDisposable
{
    private readonly TemporaryFolder folder = Images();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_by_time_uses_it_ends_at_a_rate_near_zero_and_can_be_given_more()
    {
        string said = Start("--minutes", "0.1");
        // Training has half of the time at least, and the rest where measuring leaves it.
        Assert.Matches(
            @"\n(Training for 0:\d\d min of the 0:06 min; the rest is for measuring"
            + @"|Measuring takes long on this machine: training gets 0:03 min .*)\.\n", said);
        Assert.Matches(@"\nThe time is over (in epoch \d+, after [12] of its 3 steps|at the end of epoch \d+)\.\n", said);
        Assert.Matches(@"\n  bash \S*samples/quickstart\.sh \S+ --resume --size 8 --out \S+ --minutes 0\.1 --threads 1\n", said);
        JsonNode first = Summary();
        Assert.Null(first["epochs"]);
        Assert.InRange(first["training_seconds"]!.GetValue<double>(), 3, first["seconds"]!.GetValue<double>());
        // Of n steps as long as one another the last has the rate of cos at 1 - 1/n; here one of three times the mean may be the last, and
        // where other programs have the cores, one of a fifth of the time.
        double last = 0.5 * (1 - Math.Cos(Math.PI * Math.Clamp(3 / first["steps"]!.GetValue<double>(), 0.2, 1)));
        Assert.InRange(first["learning_rate_last"]!.GetValue<double>(), 0, 0.06 * last);
        // Before the first step, after the last, and at every tenth of the time in which there was a step.
        MetricsRow[] looks =
        [
            .. MetricsRow.ReadFile(folder.File("out/metrics.jsonl")).Where(row => row.Values.ContainsKey(MetricsRow.Knn)),
        ];
        Assert.InRange(looks.Length, first["steps"]!.GetValue<long>() < 10 ? 2 : 3, 11);
        Assert.Equal(looks.Length, looks.DistinctBy(row => row.Step).Count());

        string done = Start("--resume");
        Assert.Matches(@"\nThe 0:\d\d min of training are over already: only measuring; --minutes M trains on\.\n", done);

        string more = Start("--resume", "--minutes", "0.05");
        Assert.Matches(@"\nGoing on at step \d+, in epoch \d+, after 0:\d\d min of 0:\d\d min of training\.\n", more);
        JsonNode second = Summary();
        Assert.True(second["steps"]!.GetValue<long>() > first["steps"]!.GetValue<long>());
        // By half of 0.05 min at least, but for what the last checkpoint took, which the first run counts and the file does not.
        Assert.True(second["training_seconds"]!.GetValue<double>() > first["training_seconds"]!.GetValue<double>());
    }

    [Fact]
    public void A_run_by_epochs_makes_as_many_and_goes_on_to_more()
    {
        Run(0, "--epochs", "2");
        JsonNode first = Summary();
        Assert.Equal((2, 2.0, 6L),
            (first["epochs"]!.GetValue<int>(), first["epochs_done"]!.GetValue<double>(), first["steps"]!.GetValue<long>()));
        Assert.Contains("untrained: ", File.ReadAllText(folder.File("out/curve.svg")), StringComparison.Ordinal);
        Assert.Contains(EventFileReader.Read(Directory.GetFiles(folder.File("out/events")).Single()),
            written => written.Summary?.Value.Any(value => value.Tag == "_hparams_/experiment") == true);
        string more = Run(0, "--resume", "--epochs", "3");
        Assert.Contains("\nGoing on at step 6, in epoch 3 of 3.\n", more, StringComparison.Ordinal);
        Assert.Contains("\nepoch 3: loss ", more, StringComparison.Ordinal);
        Assert.Equal(9L, Summary()["steps"]!.GetValue<long>());
    }

    [Fact]
    public void A_checkpoint_of_version_0_1_goes_on_where_there_is_no_other_and_leaves_a_run_s_folder()
    {
        Directory.CreateDirectory(folder.File("out"));
        File.Copy(begun.Checkpoint, folder.File("out/moco.ckpt"));

        Assert.Contains("\nGoing on at step 3, in epoch 2 of 2.\n", Run(0, "--resume", "--epochs", "2"), StringComparison.Ordinal);

        Assert.All(["checkpoints/last.ckpt", "backbone.safetensors", "options.json", "metrics.csv", "report.html"],
            name => Assert.True(File.Exists(folder.File($"out/{name}")), name));
        Assert.Equal((6L, 8), (Summary()["steps"]!.GetValue<long>(), Summary()["view_size"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("--minutes is '0'; expected a number above 0", "--minutes", "0")]
    [InlineData("Unknown option '--minute'.", "--minute", "3")]
    [InlineData("There is no checkpoint", "--resume")]
    public void What_cannot_be_done_is_said_and_ends_with_2(string expected, params string[] flags) =>
        Assert.StartsWith("quickstart: " + expected, Run(2, flags), StringComparison.Ordinal);

    [Fact]
    public void A_flag_that_only_the_larger_program_has_is_told_as_that_program_s()
    {
        string weights = folder.File("weights.safetensors");
        EncoderOptions narrow = new() { Backbone = Backbone.ResNet18, Width = 0.0625 };
        using (Encoder encoder = Encoder.Create(narrow)) encoder.SaveBackbone(weights);
        Assert.EndsWith($"begin with its weights: pretrain's --init {weights} instead of --resume.\n", Run(2, "--resume", weights),
            StringComparison.Ordinal);
        Assert.Contains("pretrain's --", begun.Said, StringComparison.Ordinal);
    }

    private JsonNode Summary() => JsonNode.Parse(File.ReadAllText(folder.File("out/summary.json")))!;

    private string Run(int code, params string[] flags) => Programs.Call("Quickstart", code, [.. Common(folder), .. flags]);

    /// <summary>In a process of its own, by whose start a run by time is measured.</summary>
    private string Start(params string[] flags) => Programs.Start("Quickstart", 0, [.. Common(folder), .. flags]);

    private static string[] Common(TemporaryFolder folder)
        => [folder.Path, "--out", folder.File("out"), "--size", "8", "--threads", "1"];

    private static TemporaryFolder Images()
    {
        TemporaryFolder folder = new();
        QuarterImages.Write(folder.Path, "train", 600);
        QuarterImages.Write(folder.Path, "t10k", 80);
        return folder;
    }

    /// <summary>A run that several tests look at or go on with.</summary>
    public sealed class OneEpoch : IDisposable
    {
        private readonly TemporaryFolder folder = Images();

        public OneEpoch() => Said = Programs.Call("Quickstart", 0, [.. Common(folder), "--epochs", "1"]);

        public string Said { get; }

        public string Checkpoint => folder.File("out/checkpoints/last.ckpt");

        public void Dispose() => folder.Dispose();
    }
}
