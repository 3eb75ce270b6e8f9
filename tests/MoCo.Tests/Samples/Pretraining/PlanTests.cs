using Pretrain.Plans;
using Samples;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary><c>--plan</c>: what a run takes, without the run.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void It_prints_memory_largest_batch_and_advice_and_writes_nothing()
    {
        string[] before = Directory.GetFileSystemEntries(Path.GetDirectoryName(run.Data)!, "*", SearchOption.AllDirectories);
        string said = SmallRun.Finish([.. run.Flags(3), "--out", run.Folder.Root, "--plan", "2GB"]);
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.GetDirectoryName(run.Data)!, "*", SearchOption.AllDirectories));
        string[] expected =
        [
            "120 images to learn from", "parameters", "layer4.1", "peak", "Batch 12 takes", "of 2.00 GB",
            "--precision float32: 64, all that the other flags allow", "--precision bfloat16: ",
            "--batch-size 4: ", "--queue 16: ", "--key-momentum 0.99: ", "--epochs 800: ",
        ];
        Assert.All(expected, text => Assert.Contains(text, said, StringComparison.Ordinal));
    }

    [Fact]
    public void It_needs_neither_data_nor_a_folder()
    {
        string said = SmallRun.Finish("--plan", "16GB", "--preset", "v2", "--plain");
        Assert.Contains("Batch 256 takes", said, StringComparison.Ordinal);
        Assert.Contains("With --data there is advice", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16GB", 16_000_000_000)]
    [InlineData("0.5gb", 500_000_000)]
    [InlineData("800MB", 800_000_000)]
    public void Memory_has_a_unit(string text, long bytes) => Assert.Equal(bytes, SmallRun.Asked("--plan", text).Memory);

    [Fact]
    public void Without_a_size_it_is_the_machine_s_and_without_the_flag_there_is_none()
    {
        Assert.True(SmallRun.Asked("--plan").Memory > 0);
        Assert.Null(SmallRun.Asked("--out", "x").Memory);
        Assert.Contains("--plan is 'much'; expected memory with its unit, such as 16GB or 800MB.",
            Assert.Throws<UsageException>(() => SmallRun.Asked("--plan", "much")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_281_167, false, 256, 65536, 0.999, 200)] // He et al. 2019, Chen et al. 2020
    [InlineData(126_689, false, 256, 16384, 0.99, 800)] // K and m: Kalantidis et al. 2020
    [InlineData(50_000, true, 512, 4096, 0.99, 800)] // the authors' notebook
    [InlineData(100, true, 4, 8, 0.99, 800)]
    [InlineData(1, true, 2, 2, 0.99, 800)]
    public void Advice_is_the_published_recipe_where_there_is_one(
        long images, bool isSmall, int batch, int queue, double momentum, int epochs)
        => Assert.Equal([("batch-size", batch), ("queue", queue), ("key-momentum", momentum), ("epochs", epochs)],
            RecipeAdvice.For(images, isSmall).Select(advice => (advice.Setting, advice.Value)));

    [Fact]
    public void Advice_keeps_within_memory()
    {
        IReadOnlyList<Advice> advice = RecipeAdvice.For(1_281_167, isSmall: false, fits: 100);
        Assert.Equal(64, advice[0].Value);
        Assert.Contains("would not fit into memory", advice[0].Reason, StringComparison.Ordinal);
        Assert.All(advice, line => Assert.NotEmpty(line.Reason));
    }

    [Theory]
    [InlineData(40, 8, null, 16, "--bn-splits 8")]
    [InlineData(40, 6, null, 12, "--bn-splits 6")]
    [InlineData(400, 8, 20, 16, "--bn-splits 8")]
    [InlineData(4_000, 8, 2_000, 128, "fewer than 20 steps")]
    public void A_batch_that_is_advised_has_two_images_for_each_group_and_a_reason_that_is_so(
        long images, int groups, int? fits, int batch, string reason)
    {
        Advice advice = RecipeAdvice.For(images, isSmall: false, groups, fits)[0];
        Assert.Equal(batch, advice.Value);
        Assert.Contains(reason, advice.Reason, StringComparison.Ordinal);
        (MoCoOptions.V2 with { BatchSize = batch, Encoder = MoCoOptions.V2.Encoder with { BatchNormSplits = groups } }).Validate();
    }

    [Fact]
    public void An_epoch_of_a_thousand_steps_is_not_called_short()
    {
        IReadOnlyList<Advice> advice = RecipeAdvice.For(300_000, isSmall: false);
        Assert.Equal((0.999, 800), (advice[2].Value, advice[3].Value));
        Assert.DoesNotContain("few steps", advice[3].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_fits_that_is_what_is_said()
    {
        string said = SmallRun.Finish([.. run.Flags(3), "--out", run.Folder.Root, "--plan", "100MB"]);
        Assert.Contains("of 0.10 GB, and does not fit. ", said, StringComparison.Ordinal);
        Assert.Contains("--precision float32: none", said, StringComparison.Ordinal);
        Assert.Contains("There is no advice for so little memory", said, StringComparison.Ordinal);
        Assert.DoesNotContain("--batch-size ", said, StringComparison.Ordinal);
    }
}
