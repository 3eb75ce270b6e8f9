using Samples;

namespace MoCo.Tests.Samples;

public sealed class RunFolderTests
{
    [Fact]
    public void A_checkpoint_and_an_exported_file_name_the_run_they_lie_in()
    {
        using TemporaryFolder folder = new();
        RunFolder run = new(Path.Combine(folder.Path, "run"));
        Directory.CreateDirectory(run.Checkpoints);

        Assert.Equal(run.Root, RunFolder.Of(Path.Combine(run.Checkpoints, "last.ckpt"))!.Root);
        Assert.Equal(run.Root, RunFolder.Of(run.Backbone)!.Root);
    }

    [Fact]
    public void A_file_elsewhere_belongs_to_no_run()
    {
        using TemporaryFolder folder = new();

        Assert.Null(RunFolder.Of(Path.Combine(folder.Path, "resnet50.pth")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    public void An_evaluation_is_named_without_folders(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new RunFolder("run").EvaluationFile(name));
}
