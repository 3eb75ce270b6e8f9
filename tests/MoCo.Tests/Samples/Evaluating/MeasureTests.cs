using System.Text.Json.Nodes;
using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Tests.Encoders.Transformers;

namespace MoCo.Tests.Samples.Evaluating;

/// <summary>Features measured: by neighbours, a linear probe and few labels.</summary>
public sealed class MeasureTests : EvaluateTests
{
    [Fact]
    public void Knn_tells_dark_from_bright_and_leaves_its_results_in_the_run_s_folder()
    {
        Assert.Equal(0, Run("knn", Weights, "--data", folder.Path, "--size", "8", "--k", "1,5", "--temperature", "0.1"));

        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.File("evaluation/knn.json")))!;
        Assert.Equal(2, result["scores"]!.AsArray().Count);
        Assert.All(result["scores"]!.AsArray(), score => Assert.Equal(1, score!["top1"]!.GetValue<double>()));
        Assert.Equal(["k,temperature,top1,top5", "1,0.1,1,1", "5,0.1,1,1"], File.ReadAllLines(folder.File("evaluation/knn.csv")));
    }

    [Fact]
    public void A_linear_probe_and_few_shot_tuning_write_what_they_found()
    {
        Assert.Equal(0, Run("linear", Weights, "--data", folder.Path, "--size", "8", "--epochs", "5", "--json", folder.File("l.json")));
        Assert.Equal(0, Run("fewshot", Weights, "--data", folder.Path, "--size", "8", "--epochs", "1", "--share", "0.5"));

        Assert.Equal(1, JsonNode.Parse(File.ReadAllText(folder.File("l.json")))!["top1"]!.GetValue<double>());
        Assert.Equal(
            32, JsonNode.Parse(File.ReadAllText(folder.File("evaluation/fewshot.json")))!["results"]![0]!["labels"]!.GetValue<int>());
    }

    [Fact]
    public void A_vision_transformer_is_inspected_measured_tuned_and_exported()
    {
        string file = folder.File("vit.ckpt");
        using (MoCoTrainer trainer = new(VisionTransformerTests.Tiny(MethodKind.MoCoV3, HeadKind.BatchNormMlp))) trainer.Save(file);
        Assert.Equal(0, Run("inspect", file, "--json", folder.File("i.json")));
        Assert.Equal("ViTSmall of width 0.0625, grey, 32 features; head BatchNormMlp, 16 numbers",
            JsonNode.Parse(File.ReadAllText(folder.File("i.json")))!["facts"]!["architecture"]!.GetValue<string>());
        Assert.Equal(0, Run("knn", file, "--data", folder.Path, "--size", "16", "--k", "1"));
        Assert.Equal(0, Run("fewshot", file, "--data", folder.Path, "--size", "16", "--epochs", "1", "--share", "0.5"));
        foreach (string to in (string[])["v.pth.tar", "v.safetensors"]) Assert.Equal(0, Run("export", file, folder.File(to)));
        Assert.NotEqual(0, Run("export", file, folder.File("v.onnx")));
    }
}
