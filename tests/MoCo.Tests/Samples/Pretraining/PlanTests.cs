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
        Assert.All(advice, line => Assert.NotEmpty(line.Reason));
    }
}
