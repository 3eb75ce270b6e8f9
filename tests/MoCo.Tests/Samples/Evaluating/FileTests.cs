using System.Text.Json.Nodes;
using MoCo.Interop;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>What is read and written in the place of an encoder.</summary>
public sealed class FileTests : EvaluateTests
{
    [Fact]
    public void A_run_s_folder_stands_for_its_newest_checkpoint_else_for_its_backbone_else_for_nothing()
    {
        string run = folder.File("run");
        Directory.CreateDirectory(run);
        Assert.Equal(2, Run("inspect", run));
        using (MoCoTrainer trainer = new(TrainerFixture.Options))
        using (CheckpointFolder checkpoints = new(folder.File("run/checkpoints")))
        {
            trainer.QueryEncoder.SaveBackbone(folder.File("run/backbone.safetensors"));
            Assert.Equal(0, Run("inspect", run, "--json", folder.File("b.json")));
            trainer.Save(checkpoints);
            checkpoints.Flush();
        }
        Assert.Equal(0, Run("inspect", run, "--json", folder.File("c.json")));
        Assert.EndsWith("backbone.safetensors", Inspected(folder.File("b.json")), StringComparison.Ordinal);
        Assert.EndsWith("last.ckpt", Inspected(folder.File("c.json")), StringComparison.Ordinal);

        static string Inspected(string file) => JsonNode.Parse(File.ReadAllText(file))!["file"]!.GetValue<string>();
    }

    [Fact]
    public void Inspect_tells_the_options_of_a_checkpoint_of_version_0_1()
    {
        Assert.Equal(0, Run("inspect", Fixture.Path("own", "epochs.ckpt"), "--json", folder.File("i.json")));

        JsonNode options = JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["options"]!;
        Assert.Equal("ResNet18", options["Encoder"]!["Backbone"]!.GetValue<string>());
        Assert.Equal(40, options["Queue"]!["Length"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("out.pth")]
    [InlineData("out.safetensors")]
    [InlineData("out.pth.tar")]
    [InlineData("out.onnx")]
    [InlineData("out.pkl")]
    public void An_export_is_written_under_every_ending_and_what_can_be_read_back_is_inspected(string name)
    {
        string[] queue = name.EndsWith(".pth.tar", StringComparison.Ordinal) ? ["--queue-length", "16"] : [];
        Assert.Equal(0, Run(["export", Weights, folder.File(name), .. queue]));
        Assert.True(new FileInfo(folder.File(name)).Length > 10_000);
        if (name is "out.onnx" or "out.pkl") return;

        Assert.Equal(0, Run("inspect", folder.File(name), "--json", folder.File("i.json")));
        Assert.StartsWith("ResNet18 of width 0.0625, grey",
            JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!["architecture"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_input_ends_with_2_and_writes_nothing()
    {
        Assert.Equal(2, Run("knn", folder.File("nothing.pth"), "--data", folder.Path));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.File("nowhere")));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--k", "0"));
        Assert.Equal(2, Run("knn", folder.File("bare.safetensors"), "--data", folder.Path, "--embedding"));
        Assert.Equal(2, Run("export", Weights, folder.File("out.unknown")));
        Assert.Equal(2, Run("export", Weights, Weights));
        Assert.Equal(2, Run("inspect", folder.File("train-images-idx3-ubyte")));
        Assert.Equal(2, Run("measure"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--csv", folder.File("nowhere/knn.csv")));
        Assert.Equal(2, Run("inspect", Weights, "--json", folder.Path));
        Assert.Equal(2, Run("inspect", Weights, "--stem", "large"));

        // What would have no effect.
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--hold-out", "3"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--fraction-seed", "3"));
        Assert.Equal(2, Run("knn", Weights, "--data", folder.Path, "--stem", "imagenet"));
        Assert.Equal(2, Run("export", Weights, folder.File("out.onnx"), "--queue-length", "16"));

        Assert.False(Directory.Exists(folder.File("evaluation")));
    }
}
